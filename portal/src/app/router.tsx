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
        {
          Component: Shell,
          children: [
            {
              ErrorBoundary: Crashed,
              children: [
                { index: true, Component: BoardPage },
                { path: 'machines', lazy: PAGES.machines },
                { path: 'machines/:id', lazy: PAGES.machine },
                { path: 'alarms', lazy: PAGES.alarms },
                { path: 'gateways', lazy: PAGES.gateways },
                { path: '*', Component: NotFound },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
