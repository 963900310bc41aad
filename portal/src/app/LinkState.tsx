import { useTranslation } from 'react-i18next';
import { useLink } from '../gql/link';
import styles from './LinkState.module.css';

/** Whether state changes arrive as they happen. */
export function LinkState() {
  const { t } = useTranslation();
  const state = useLink();
  return (
    <span className={styles.link} data-link={state} title={t(`bar.linkExplained.${state}`)} role="status">
      <span className={styles.dot} aria-hidden="true" />
      {t(`bar.link.${state}`)}
    </span>
  );
}
