import { useTranslation } from 'react-i18next';
import styles from './SimBadge.module.css';

/** Simulated and replayed data says so wherever it is shown. */
export function SimBadge() {
  const { t } = useTranslation();
  return (
    <abbr className={styles.sim} title={t('sim.explained')}>
      {t('sim.short')}
    </abbr>
  );
}
