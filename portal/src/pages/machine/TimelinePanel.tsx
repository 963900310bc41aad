import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rfc3339, siteClock, siteTime } from '../../app/time';
import { knownToMs, observedFromMs, shares, stretches, type Stretch } from '../../charts/timeline';
import { Timeline } from '../../charts/Timeline';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { StateGlyph } from '../../components/StateBadge';
import table from '../../components/table.module.css';
import { useSpoken } from '../../components/Times';
import type { MachineDetail } from '../../gql/types';
import styles from './TimelinePanel.module.css';
import type { MachineRecordView } from './useRecord';

/** What the machine did in the last 24 hours, as a line or as a table. */
export function TimelinePanel({ machine, record }: { machine: MachineDetail; record: MachineRecordView }) {
  const { t, i18n } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const { intervals, dayFromMs, toMs, error } = record;
  const { line, fromMs, endMs } = useMemo(() => {
    const from = observedFromMs(intervals ?? [], dayFromMs) ?? dayFromMs;
    const end = knownToMs(intervals ?? [], toMs);
    return { line: stretches(intervals ?? [], from, end), fromMs: from, endMs: end };
  }, [intervals, dayFromMs, toMs]);
  const clock = siteClock(fromMs, i18n.language, machine.site.timeZone);
  const note = fromMs > dayFromMs ? t('timeline.since', { clock }) : undefined;
  const toggle = (
    <button type="button" className={styles.toggle} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
      {t('timeline.table')}
    </button>
  );
  return (
    <Panel title={t('timeline.title')} note={note} actions={toggle}>
      {error !== undefined ? <Failure error={error} retry={record.reload} /> : null}
      {error === undefined && intervals === undefined ? <Waiting blocks={1} height="4.5rem" /> : null}
      {intervals?.length === 0 ? <Notice title={t('timeline.none')}>{t('timeline.noneTodo')}</Notice> : null}
      {intervals === undefined || intervals.length === 0 ? null : (
        <>
          <Legend line={line} />
          {asTable ? (
            <StretchTable line={line} timeZone={machine.site.timeZone} />
          ) : (
            <Timeline
              machine={machine.name}
              line={line}
              fromMs={fromMs}
              toMs={endMs}
              timeZone={machine.site.timeZone}
            />
          )}
        </>
      )}
    </Panel>
  );
}

/** Less is told as less: no state that occurred reads 0 %, and none reads 100 % beside it. */
const LEAST_SHOWN = 0.001;

function Legend({ line }: { line: readonly Stretch[] }) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  return (
    <ul className={styles.legend}>
      {shares(line).map(({ state, share }) => (
        <li key={state} className={styles.item}>
          <span className={styles.dot} data-state={state}>
            <StateGlyph state={state} />
          </span>
          <span>{state === 'OFFLINE' ? t('timeline.noData') : t(`state.${state}`)}</span>
          <strong>
            {share < LEAST_SHOWN
              ? t('timeline.little', { value: percent.format(LEAST_SHOWN * 100) })
              : t('machine.percent', { value: percent.format(Math.floor(share * 1000) / 10) })}
          </strong>
        </li>
      ))}
    </ul>
  );
}

function StretchTable({ line, timeZone }: { line: readonly Stretch[]; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const say = useSpoken();
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('timeline.scroll')}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('timeline.state')}</th>
            <th scope="col">{t('timeline.from')}</th>
            <th scope="col">{t('timeline.to')}</th>
            <th scope="col" className={table.number}>
              {t('timeline.length')}
            </th>
          </tr>
        </thead>
        <tbody>
          {line.toReversed().map((stretch) => (
            <tr key={stretch.fromMs}>
              <th scope="row">{t(`execution.${stretch.execution}`, stretch.execution)}</th>
              <td>{siteTime(rfc3339(stretch.fromMs), i18n.language, timeZone)}</td>
              <td>{siteTime(rfc3339(stretch.toMs), i18n.language, timeZone)}</td>
              <td className={table.number}>{say(stretch.toMs - stretch.fromMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
