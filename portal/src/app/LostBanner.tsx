import { useTranslation } from 'react-i18next';
import { useViewer } from './useViewer';
import { useLostAtMs } from '../gql/link';
import styles from './LostBanner.module.css';
import { useNow } from './now';
import { siteClock } from './time';

/** A blink of the connection is no news; from here on people are told. */
const BLINK_MS = 5_000;

/** The server is out of reach: what is shown stays, and says how old it is. */
export function LostBanner() {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const lostAtMs = useLostAtMs();
  const now = useNow();
  if (lostAtMs === null || now - lostAtMs < BLINK_MS) return null;
  return (
    <div className={styles.banner} role="alert">
      <strong>{t('problem.network')}</strong>
      <span>{t('problem.lost', { clock: siteClock(lostAtMs, i18n.language, timeZone) })}</span>
    </div>
  );
}
