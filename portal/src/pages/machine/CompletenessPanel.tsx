import { useTranslation } from 'react-i18next';
import { rfc3339, siteClock, siteTime } from '../../app/time';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useDuration } from '../../components/Times';
import type { Completeness, MachineDetail } from '../../gql/types';
import styles from './CompletenessPanel.module.css';
import { judgedAtMs, lossesOf, onRecordPercent, unobservedMs, verdict, type Loss } from './record';
import { SPANS_COUNTED, type MachineRecordView } from './useRecord';

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
  const options = SPANS_COUNTED.map((value) => ({ value, label: t(`completeness.span.${value}`) }));
  const choice = (
    <Segmented label={t('completeness.span.label')} value={record.span} options={options} onChange={record.setSpan} />
  );
  return (
    <Panel title={t('completeness.title')} note={counted ? period : undefined} actions={choice}>
      {error === undefined ? null : <Failure error={error} retry={record.reload} />}
      {error === undefined && completeness === undefined ? <Waiting blocks={1} height="8rem" /> : null}
      {completeness === undefined || counted ? null : <Uncounted machine={machine} record={record} />}
      {completeness === undefined || !counted ? null : (
        <Counted counts={completeness} record={record} machine={machine} />
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

interface CountedProps extends CompletenessProps {
  counts: Completeness;
}

function Counted({ counts, record, machine }: CountedProps) {
  const { t, i18n } = useTranslation();
  const say = useDuration();
  const number = new Intl.NumberFormat(i18n.language);
  const { countedFromMs: fromMs, countedToMs: toMs } = record;
  const unseenMs = unobservedMs(counts.unobserved, fromMs, toMs);
  const found = verdict(counts, unseenMs);
  const percent = number.format(onRecordPercent(counts, unseenMs, toMs - fromMs));
  return (
    <div className={styles.counted} data-verdict={found}>
      <p className={styles.headline}>
        <strong className={styles.percent}>{t('machine.percent', { value: percent })}</strong>
        <span>{t(`completeness.onRecord.${record.begins ? 'begun' : record.span}`)}</span>
      </p>
      <div className={styles.bar} aria-hidden="true">
        <div className={styles.stored} style={{ flexGrow: counts.stored }} />
        {counts.declaredGaps > 0 ? <div className={styles.declared} style={{ flexGrow: counts.declaredGaps }} /> : null}
        {counts.missing > 0 ? <div className={styles.missing} style={{ flexGrow: counts.missing }} /> : null}
      </div>
      <p className={styles.verdict}>{t(`completeness.verdict.${found}`)}</p>
      <p className={styles.ledger}>
        {t('completeness.of', {
          count: counts.produced,
          produced: number.format(counts.produced),
          stored: number.format(counts.stored),
        })}
      </p>
      <p className={styles.ledger}>
        {unseenMs === 0
          ? t('completeness.observedAll', { period: say(toMs - fromMs) })
          : t('completeness.observed', { unseen: say(unseenMs), period: say(toMs - fromMs) })}
      </p>
      <dl className={styles.counts}>
        <Count label={t('completeness.gaps')} value={counts.declaredGaps} />
        <Count label={t('completeness.missing')} value={counts.missing} />
        <Count label={t('completeness.duplicates')} value={counts.duplicates} />
        <Count label={t('completeness.quarantined')} value={machine.quarantined} />
      </dl>
      <Losses losses={lossesOf(counts)} timeZone={machine.site.timeZone} />
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

function Losses({ losses, timeZone }: { losses: readonly Loss[]; timeZone: string }) {
  const { t } = useTranslation();
  if (losses.length === 0) return null;
  return (
    <div>
      <h3 className={styles.why}>{t('completeness.why')}</h3>
      <ul className={styles.gaps} tabIndex={0} aria-label={t('completeness.why')}>
        {losses.map((loss) => (
          <LossLine key={`${loss.source} ${loss.fromMs} ${loss.why}`} loss={loss} timeZone={timeZone} />
        ))}
      </ul>
    </div>
  );
}

function LossLine({ loss, timeZone }: { loss: Loss; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const say = useDuration();
  const { fromMs, toMs, why, rows, source } = loss;
  const clock = (ms: number) => siteClock(ms, i18n.language, timeZone, true);
  return (
    <li title={source} data-kind={rows === null ? 'unobserved' : 'declared'}>
      <strong>{rows === null ? say(toMs - fromMs) : t('completeness.gap', { count: rows })}</strong>
      <span>{t(`completeness.reason.${why}`, why.replaceAll('_', ' '))}</span>
      <time className={styles.when} dateTime={rfc3339(fromMs)} title={siteTime(rfc3339(fromMs), i18n.language, timeZone)}>
        {t('completeness.period', { from: clock(fromMs), to: clock(toMs) })}
      </time>
    </li>
  );
}
