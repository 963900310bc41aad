import { useTranslation } from 'react-i18next';
import { useCoarseNow } from '../../app/now';
import { siteClock } from '../../app/time';
import type { FloorMachine } from '../../floor/floor';
import { doneAtMs, partsPerHour } from '../../floor/pace';
import styles from './Parts.module.css';

const MINUTE_MS = 60_000;

/** Parts made of parts wanted, and the pace once enough were seen to tell one. */
export function Parts({ machine }: { machine: FloorMachine }) {
  const { t, i18n } = useTranslation();
  const made = machine.partCount;
  const target = machine.partTarget;
  if (made === null) return null;
  const number = new Intl.NumberFormat(i18n.language);
  const share = target === null || target <= 0 ? null : Math.min(1, made / target);
  return (
    <div className={styles.parts}>
      <p className={styles.line}>
        <span className={styles.made}>{number.format(made)}</span>{' '}
        <span className={styles.target}>
          {target === null ? t('tile.parts') : t('tile.of', { target: number.format(target) })}
        </span>
        <Pace machine={machine} />
      </p>
      {share === null ? null : (
        <div
          className={styles.track}
          role="img"
          aria-label={t('tile.progress', { made: number.format(made), target: number.format(target ?? 0) })}
        >
          <div className={styles.fill} style={{ inlineSize: `${share * 100}%` }} />
        </div>
      )}
    </div>
  );
}

function Pace({ machine }: { machine: FloorMachine }) {
  const { t, i18n } = useTranslation();
  const now = useCoarseNow(MINUTE_MS);
  const perHour = partsPerHour(machine.partLog);
  const { partCount: made, partTarget: target } = machine;
  if (made !== null && target !== null && target > 0 && made >= target) {
    return <span className={styles.pace}>{t('tile.reached')}</span>;
  }
  if (perHour === null) return null;
  const done = made === null || target === null ? null : doneAtMs(made, target, perHour, now);
  const rate = new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 2 }).format(perHour);
  return (
    <span className={styles.pace} title={t('tile.paceExplained')}>
      {done === null
        ? t('tile.pace', { rate })
        : t('tile.paceDone', { rate, clock: siteClock(done, i18n.language, machine.site.timeZone) })}
    </span>
  );
}
