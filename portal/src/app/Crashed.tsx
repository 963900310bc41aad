import { useTranslation } from 'react-i18next';
import { Link, useRouteError } from 'react-router';
import { Notice } from '../components/Notice';
import styles from './Crashed.module.css';
import { usePageTitle } from './usePageTitle';

/** A page threw: the person gets a sentence and a way out, we get the text. */
export function Crashed() {
  const { t } = useTranslation();
  const error = useRouteError();
  usePageTitle(t('problem.crash'));
  return (
    <main className={styles.page}>
      <h1 className="visually-hidden">{t('problem.crash')}</h1>
      <Notice
        tone="bad"
        title={t('problem.crash')}
        action={
          <button type="button" className={styles.action} onClick={() => window.location.reload()}>
            {t('problem.reload')}
          </button>
        }
      >
        <p>{t('problem.crashTodo')}</p>
        <p>{error instanceof Error ? error.message : String(error)}</p>
      </Notice>
    </main>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  usePageTitle(t('problem.notFound'));
  return (
    <>
      <h1 className="visually-hidden">{t('problem.notFound')}</h1>
      <Notice
        title={t('problem.notFound')}
        action={
          <Link to="/" className={styles.action}>
            {t('problem.home')}
          </Link>
        }
      >
        {t('problem.notFoundTodo')}
      </Notice>
    </>
  );
}
