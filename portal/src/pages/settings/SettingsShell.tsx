import { useTranslation } from 'react-i18next';
import { NavLink, Outlet } from 'react-router';
import { useViewer } from '../../app/useViewer';
import { SECTIONS } from './sections';
import styles from './SettingsShell.module.css';

/** Frame of the settings: their own navigation beside the page (above it on phones). */
export function Component() {
  const { t } = useTranslation();
  const { may } = useViewer();
  return (
    <div className={styles.settings}>
      <nav className={styles.nav} aria-label={t('settings.title')}>
        <p className={styles.heading}>{t('settings.title')}</p>
        <ul className={styles.list}>
          {SECTIONS.filter(({ permission }) => may(permission)).map(({ key, to }) => (
            <li key={key}>
              <NavLink to={to} end className={styles.section ?? ''}>
                {t(`settings.sections.${key}`)}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.page}>
        <Outlet />
      </div>
    </div>
  );
}
