import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../app/usePageTitle';
import type { Session } from '../../app/session';
import { Icon } from '../../components/Icon';
import { Logo } from '../../components/Logo';
import { PartDrawing } from './PartDrawing';
import styles from './SignIn.module.css';

interface SignInProps {
  session: Session;
  failure: string | null;
  /** The session that was here is over: the password is typed again. */
  ended?: boolean;
  /** Passwords do not do here: the company has a sign-in of its own. */
  company?: boolean;
}

/** First page of a newcomer: what this is, and one button. Passwords are typed at the issuer, never here. */
export function SignIn({ session, failure, ended = false, company = false }: SignInProps) {
  const { t } = useTranslation();
  const [leaving, setLeaving] = useState(false);
  const [trouble, setTrouble] = useState(failure);
  usePageTitle(t('signIn.button'));
  const signIn = () => {
    setLeaving(true);
    session.signIn(ended || company).catch((error: unknown) => {
      setLeaving(false);
      setTrouble(error instanceof Error ? error.message : '');
    });
  };
  return (
    <main className={styles.page}>
      <div className={styles.text}>
        <p className={styles.brand}>
          <Logo size={36} />
          {t('product')}
        </p>
        <h1 className={styles.title}>{t('signIn.title')}</h1>
        <p className={styles.lead}>{t('signIn.lead')}</p>
        {ended ? (
          <p className={styles.lead} role="status">
            {t('signIn.ended')}
          </p>
        ) : null}
        {company ? (
          <p className={styles.lead} role="status">
            {t('signIn.company')}
          </p>
        ) : null}
        {trouble === null ? null : (
          <div className={styles.trouble} role="alert">
            <p className={styles.troubleTitle}>{t('signIn.failed')}</p>
            <p>{trouble}</p>
            <p>{t('signIn.failedTodo')}</p>
          </div>
        )}
        <button type="button" className={styles.button} onClick={signIn} disabled={leaving}>
          {leaving ? t('signIn.leaving') : t('signIn.button')}
          <Icon name="chevron" size={18} />
        </button>
        <ul className={styles.points}>
          <li>{t('signIn.points.complete')}</li>
          <li>{t('signIn.points.defend')}</li>
        </ul>
      </div>
      <PartDrawing />
    </main>
  );
}

/** Shown for the blink between this page and the issuer. */
export function Leaving() {
  const { t } = useTranslation();
  return (
    <div className={styles.leaving} role="status">
      <Logo size={44} />
      <span className="visually-hidden">{t('signIn.leaving')}</span>
    </div>
  );
}
