import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Outlet } from 'react-router';
import { useSubscription } from 'urql';
import { Icon, type IconName } from '../components/Icon';
import { Logo } from '../components/Logo';
import { AccountMenu } from './AccountMenu';
import { LinkState } from './LinkState';
import { LostBanner } from './LostBanner';
import { SchemeToggle } from './SchemeToggle';
import { EVERY_MACHINE, MachineStates } from '../gql/operations';
import styles from './Shell.module.css';
import { useStanding } from './standing';
import { useKeptViewer, useViewer } from './useViewer';

const Palette = lazy(() => import('./Palette'));

type NavKey = 'board' | 'machines' | 'alarms' | 'changes' | 'gateways' | 'tv';

const PAGES: readonly { key: NavKey; to: string; icon: IconName }[] = [
  { key: 'board', to: '/', icon: 'board' },
  { key: 'machines', to: '/machines', icon: 'machines' },
  { key: 'alarms', to: '/alarms', icon: 'alarms' },
  { key: 'changes', to: '/changes', icon: 'changes' },
  { key: 'gateways', to: '/gateways', icon: 'gateways' },
  { key: 'tv', to: '/tv', icon: 'tv' },
];

/** Frame of every page but the TV view: side bar (bottom bar on phones), top bar, content. */
export function Shell() {
  const standing = useStanding();
  if (standing === 'newcomer') return <Navigate to="/welcome" replace />;
  if (standing === 'closed') return <Navigate to="/closed" replace />;
  return <Frame />;
}

function Frame() {
  const { t } = useTranslation();
  const [finding, palette] = useDisclosure(false);
  useHotkeys([['mod+K', palette.open]], []);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t('skip')}
      </a>
      <KeepLive />
      <SideBar />
      <TopBar onFind={palette.open} />
      <main id="content" className={styles.content} tabIndex={-1}>
        <LostBanner />
        <Outlet />
      </main>
      {finding ? (
        <Suspense>
          <Palette onClose={palette.close} />
        </Suspense>
      ) : null}
    </div>
  );
}

/** Holds the live connection while pages come and go; shares its stream with every board. */
function KeepLive() {
  useSubscription({ query: MachineStates, variables: EVERY_MACHINE });
  useKeptViewer();
  return null;
}

function SideBar() {
  const { t, i18n } = useTranslation();
  const { tenant, sites } = useViewer();
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' });
  return (
    <nav className={styles.side} aria-label={t('nav.label')}>
      <div className={styles.brand}>
        <Logo />
        <span className={styles.product}>{t('product')}</span>
      </div>
      <div className={styles.nav}>
        {PAGES.map(({ key, to, icon }) => (
          <NavLink key={key} to={to} end={to === '/'} className={styles.page ?? ''} data-page={key}>
            <Icon name={icon} />
            <span>{t(`nav.${key}`)}</span>
          </NavLink>
        ))}
      </div>
      <div className={styles.tenant}>
        <p className={styles.tenantName}>{tenant}</p>
        {sites.length === 0 ? null : <p className={styles.sites}>{list.format(sites)}</p>}
      </div>
    </nav>
  );
}

function TopBar({ onFind }: { onFind: () => void }) {
  const { t } = useTranslation();
  return (
    <header className={styles.top}>
      <span className={styles.brandSmall}>
        <Logo size={26} />
      </span>
      <button type="button" className={styles.find} onClick={onFind} aria-keyshortcuts="Control+K Meta+K">
        <Icon name="search" size={18} />
        <span>{t('bar.find')}</span>
        <kbd className={styles.kbd}>Ctrl K</kbd>
      </button>
      <div className={styles.right}>
        <LinkState />
        <SchemeToggle />
        <AccountMenu />
      </div>
    </header>
  );
}
