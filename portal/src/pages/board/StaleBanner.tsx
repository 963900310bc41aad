import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { useLink } from '../../gql/link';
import { problemOf } from '../../gql/problems';
import styles from './StaleBanner.module.css';

/** What is shown could not be renewed: it stays, and says so. */
export function StaleBanner({ error, retry }: { error: CombinedError; retry: () => void }) {
  const { t } = useTranslation();
  const lost = useLink() === 'lost';
  const problem = problemOf(error);
  const offline = problem.code === 'network.unreachable';
  // Of a broken link the frame of the page tells already.
  if (offline && lost) return null;
  return (
    <div className={styles.banner} role="alert">
      <p>
        <strong>{offline ? t('problem.network') : t('problem.api')}</strong>
        <span>{offline ? t('problem.networkTodo') : problem.message}</span>
      </p>
      <button type="button" className={styles.retry} onClick={retry}>
        {t('problem.retry')}
      </button>
    </div>
  );
}
