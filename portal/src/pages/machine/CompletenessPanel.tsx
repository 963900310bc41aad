import { useTranslation } from 'react-i18next';
import { siteClock } from '../../app/time';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import type { Completeness, Gap, MachineDetail } from '../../gql/types';
import styles from './CompletenessPanel.module.css';
import { judgedAtMs, storedPercent, verdict } from './record';
import type { MachineRecordView } from './useRecord';

interface CompletenessProps {
  machine: MachineDetail;
  record: MachineRecordView;
}

/** Whether everything the gateway made is stored, and if not, exactly what is not and why. */
export function CompletenessPanel({ machine, record }: CompletenessProps) {
  const { t, i18n } = useTranslation();
  const { completeness, error, countedFromMs, countedToMs } = record;
  const clock = (ms: number) => siteClock(ms, i18n.language, machine.site.timeZone);
  const period = t('completeness.period', { from: clock(countedFromMs), to: clock(countedToMs) });
  const counted = completeness !== undefined && verdict(completeness) !== 'nothing';
  return (
    <Panel title={t('completeness.title')} note={counted ? period : undefined}>
      {error === undefined ? null : <Failure error={error} retry={record.reload} />}
      {error === undefined && completeness === undefined ? <Waiting blocks={1} height="8rem" /> : null}
      {completeness === undefined || counted ? null : <Uncounted machine={machine} record={record} />}
      {completeness === undefined || !counted ? null : (
        <Counted counts={completeness} quarantined={machine.quarantined} timeZone={machine.site.timeZone} />
      )}
    </Panel>
  );
}

/** Rows that have just begun are not judged yet, which is not the same as none. */
function Uncounted({ machine, record }: CompletenessProps) {
  const { t, i18n } = useTranslation();
  const judged = judgedAtMs(record.countedToMs, machine.lastSeen, record.intervals);
  if (judged === null) return <Notice title={t('completeness.none')}>{t('completeness.noneTodo')}</Notice>;
  const clock = siteClock(judged, i18n.language, machine.site.timeZone);
  return <Notice title={t('completeness.soon')}>{t('completeness.soonTodo', { clock })}</Notice>;
}

interface CountedProps {
  counts: Completeness;
  quarantined: number;
  timeZone: string;
}

function Counted({ counts, quarantined, timeZone }: CountedProps) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  const found = verdict(counts);
  const percent = number.format(storedPercent(counts.stored, counts.produced));
  return (
    <div className={styles.counted} data-verdict={found}>
      <p className={styles.headline}>
        <strong className={styles.percent}>{t('machine.percent', { value: percent })}</strong>
        <span>{t('completeness.of', { count: counts.produced, produced: number.format(counts.produced) })}</span>
      </p>
      <div className={styles.bar} aria-hidden="true">
        <div className={styles.stored} style={{ flexGrow: counts.stored }} />
        {counts.declaredGaps > 0 ? <div className={styles.declared} style={{ flexGrow: counts.declaredGaps }} /> : null}
        {counts.missing > 0 ? <div className={styles.missing} style={{ flexGrow: counts.missing }} /> : null}
      </div>
      <p className={styles.verdict}>{t(`completeness.verdict.${found}`)}</p>
      <dl className={styles.counts}>
        <Count label={t('completeness.stored')} value={counts.stored} />
        <Count label={t('completeness.gaps')} value={counts.declaredGaps} />
        <Count label={t('completeness.missing')} value={counts.missing} />
        <Count label={t('completeness.duplicates')} value={counts.duplicates} />
        <Count label={t('completeness.quarantined')} value={quarantined} />
      </dl>
      <Gaps gaps={counts.gaps} timeZone={timeZone} />
    </div>
  );
}

function Count({ label, value }: { label: string; value: number }) {
  const { i18n } = useTranslation();
  return (
    <div>
      <dt>{label}</dt>
      <dd data-zero={value === 0}>{new Intl.NumberFormat(i18n.language).format(value)}</dd>
    </div>
  );
}

function Gaps({ gaps, timeZone }: { gaps: readonly Gap[]; timeZone: string }) {
  const { t, i18n } = useTranslation();
  if (gaps.length === 0) return null;
  const clock = (instant: string) => siteClock(Date.parse(instant), i18n.language, timeZone);
  return (
    <div>
      <h3 className={styles.why}>{t('completeness.why')}</h3>
      <ul className={styles.gaps}>
        {gaps.map((gap) => (
          <li key={`${gap.source} ${gap.firstSeq}`} title={gap.source}>
            <strong>{t('completeness.gap', { count: gap.lastSeq - gap.firstSeq + 1 })}</strong>
            <span>{t(`completeness.reason.${gap.reason}`, gap.reason.replaceAll('_', ' '))}</span>
            <span className={styles.when}>{t('completeness.period', { from: clock(gap.from), to: clock(gap.to) })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
