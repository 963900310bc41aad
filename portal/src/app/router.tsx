import { createBrowserRouter } from 'react-router';
import { BoardPage } from '../pages/board';
import { Crashed, NotFound } from './Crashed';
import { Shell } from './Shell';

const PAGES = {
  tv: () => import('../pages/tv/TvPage'),
  machines: () => import('../pages/machines/MachinesPage'),
  machine: () => import('../pages/machine/MachinePage'),
  alarms: () => import('../pages/alarms/AlarmsPage'),
  gateways: () => import('../pages/gateways/GatewaysPage'),
  connect: () => import('../pages/connect/ConnectPage'),
  programs: () => import('../pages/programs/ProgramsPage'),
  version: () => import('../pages/programs/VersionPage'),
  diff: () => import('../pages/programs/DiffPage'),
  changes: () => import('../pages/changes/ChangesPage'),
  newChange: () => import('../pages/changes/NewChangePage'),
  change: () => import('../pages/changes/ChangePage'),
  account: () => import('../pages/account/AccountPage'),
  settings: () => import('../pages/settings/SettingsShell'),
  settingsIndex: () => import('../pages/settings/SettingsIndex'),
  welcome: () => import('../pages/welcome/WelcomePage'),
  invitation: () => import('../pages/invitation/InvitationPage'),
  closed: () => import('../pages/closed/ClosedPage'),
  shop: () => import('../pages/settings/shop/ShopPage'),
  users: () => import('../pages/settings/users/UsersPage'),
  keys: () => import('../pages/settings/keys/KeysPage'),
  privacy: () => import('../pages/settings/privacy/PrivacyPage'),
  audit: () => import('../pages/settings/audit/AuditPage'),
  security: () => import('../pages/settings/security/SecurityPage'),
  sso: () => import('../pages/settings/security/sso/SsoPage'),
  pair: () => import('../pages/pair/PairPage'),
};
const IDLE_MS = 3_000;

/** The other pages, once the first one stands: they open at once, and also while the network is away. */
function fetchAhead(): void {
  setTimeout(() => {
    for (const page of Object.values(PAGES)) page().catch(() => undefined);
  }, IDLE_MS);
}

/** The board is in the first load; every other page is a chunk of its own. */
export function createRouter() {
  fetchAhead();
  return createBrowserRouter([
    {
      ErrorBoundary: Crashed,
      HydrateFallback: () => null,
      children: [
        { path: '/tv', lazy: PAGES.tv },
        { path: '/welcome', lazy: PAGES.welcome },
        { path: '/invitation', lazy: PAGES.invitation },
        { path: '/closed', lazy: PAGES.closed },
        { path: '/pair', lazy: PAGES.pair },
        {
          Component: Shell,
          children: [
            {
              ErrorBoundary: Crashed,
              children: [
                { index: true, Component: BoardPage },
                { path: 'machines', lazy: PAGES.machines },
                { path: 'machines/:id', lazy: PAGES.machine },
                { path: 'machines/:id/programs', lazy: PAGES.programs },
                { path: 'programs/:id', lazy: PAGES.version },
                { path: 'programs/:id/diff/:other', lazy: PAGES.diff },
                { path: 'changes', lazy: PAGES.changes },
                { path: 'changes/new', lazy: PAGES.newChange },
                { path: 'changes/:id', lazy: PAGES.change },
                { path: 'connect', lazy: PAGES.connect },
                { path: 'account', lazy: PAGES.account },
                { path: 'alarms', lazy: PAGES.alarms },
                { path: 'gateways', lazy: PAGES.gateways },
                {
                  lazy: PAGES.settings,
                  children: [
                    { path: 'settings', lazy: PAGES.settingsIndex },
                    { path: 'settings/users', lazy: PAGES.users },
                    { path: 'settings/shop', lazy: PAGES.shop },
                    { path: 'settings/security', lazy: PAGES.security },
                    { path: 'settings/security/sso', lazy: PAGES.sso },
                    { path: 'settings/keys', lazy: PAGES.keys },
                    { path: 'settings/audit', lazy: PAGES.audit },
                    { path: 'settings/privacy', lazy: PAGES.privacy },
                  ],
                },
                { path: '*', Component: NotFound },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
