import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/Icon';
import styles from './AccountMenu.module.css';
import { useSession } from './SessionContext';
import { useViewer } from './useViewer';

export function AccountMenu() {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const { name, tenant, roles } = useViewer();
  const shown = name === '' ? session.email : name;
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  return (
    <Menu position="bottom-end" width={260} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className={styles.button} aria-label={t('bar.account')}>
          {initials(shown)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.who}>
          <p className={styles.name}>{shown}</p>
          {shown === session.email ? null : <p>{session.email}</p>}
          <p>{tenant}</p>
          {roles.length === 0 ? null : <p>{t('bar.roles', { roles: list.format(roles) })}</p>}
        </div>
        <Menu.Item leftSection={<Icon name="leave" size={18} />} onClick={() => void session.signOut()}>
          {t('bar.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
