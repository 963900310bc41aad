import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from '../components/Icon';
import { Popover } from '../components/Popover';
import { SECTIONS } from '../pages/settings/sections';
import styles from './AccountMenu.module.css';
import { useSession } from './SessionContext';
import { useViewer } from './useViewer';

/** Who is signed in, for which company, and the way out. */
export function AccountMenu() {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const { name, tenant, roles, may } = useViewer();
  const shown = name === '' ? session.email : name;
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  const button = (
    <>
      <span aria-hidden="true">{initials(shown)}</span>
      <span className="visually-hidden">{t('bar.account')}</span>
    </>
  );
  return (
    <Popover className={styles.button} button={button}>
      <div className={styles.who}>
        <p className={styles.name}>{shown}</p>
        {shown === session.email ? null : <p>{session.email}</p>}
        <p>{tenant}</p>
        {roles.length === 0 ? null : <p>{t('bar.roles', { roles: list.format(roles) })}</p>}
      </div>
      <Link to="/account" className={styles.action}>
        <Icon name="account" size={18} />
        {t('account.title')}
      </Link>
      {SECTIONS.some(({ permission }) => may(permission)) ? (
        <Link to="/settings" className={styles.action}>
          <Icon name="settings" size={18} />
          {t('settings.title')}
        </Link>
      ) : null}
      <button type="button" className={styles.action} onClick={() => void session.signOut()}>
        <Icon name="leave" size={18} />
        {t('bar.signOut')}
      </button>
    </Popover>
  );
}

/** Two letters of a name or address. */
export function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join('');
}
