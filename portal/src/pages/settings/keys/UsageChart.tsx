import { useTranslation } from 'react-i18next';
import styles from './keys.module.css';
import type { DayOfUse } from './usage';

/** Calls of the last days as bars; the figures stand in the sentence below, for those who do not see them. */
export function UsageChart({ days }: { days: readonly DayOfUse[] }) {
  const { t, i18n } = useTranslation();
  const whole = new Intl.NumberFormat(i18n.language);
  const calls = days.reduce((sum, day) => sum + day.calls, 0);
  const refused = days.reduce((sum, day) => sum + day.refused, 0);
  const told = t('keys.usageOf', { count: days.length, calls: whole.format(calls), refused: whole.format(refused) });
  return (
    <figure className={styles.usage}>
      <div className={styles.bars} aria-hidden="true">
        {days.map(({ day, share, calls: ofDay }) => (
          <span key={day} className={styles.bar} title={`${day}: ${whole.format(ofDay)}`} data-none={ofDay === 0}>
            <span style={{ blockSize: `${Math.max(share * 100, ofDay > 0 ? 4 : 1)}%` }} />
          </span>
        ))}
      </div>
      <figcaption className={styles.told}>{told}</figcaption>
    </figure>
  );
}
