import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../app/SessionContext';
import { Logo } from './Logo';
import styles from './Plain.module.css';

interface PlainProps {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A page outside of any company: one sheet, who is signed in, and the way out. */
export function Plain({ title, lead, children }: PlainProps) {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <main className={styles.page}>
      <p className={styles.brand}>
        <Logo size={30} />
        {t('product')}
      </p>
      <div className={styles.sheet}>
        <h1 className={styles.title}>{title}</h1>
        {lead === undefined ? null : <div className={styles.lead}>{lead}</div>}
        {children}
      </div>
      <p className={styles.foot}>
        <span>{t('plain.signedIn', { email: session.email })}</span>
        <button type="button" className={styles.link} onClick={() => void session.signOut()}>
          {t('plain.signOut')}
        </button>
      </p>
    </main>
  );
}
