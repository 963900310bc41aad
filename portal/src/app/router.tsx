import { createBrowserRouter } from 'react-router';
import { BoardPage } from '../pages/board';
import { Crashed, NotFound } from './Crashed';
import { Shell } from './Shell';

/** The board is in the first load; every other page is a chunk of its own. */
export function createRouter() {
  return createBrowserRouter([
    {
      ErrorBoundary: Crashed,
      HydrateFallback: () => null,
      children: [
        { path: '/tv', lazy: () => import('../pages/tv/TvPage') },
        {
          Component: Shell,
          children: [
            {
              ErrorBoundary: Crashed,
              children: [
                { index: true, Component: BoardPage },
                { path: 'machines', lazy: () => import('../pages/machines/MachinesPage') },
                { path: 'machines/:id', lazy: () => import('../pages/machine/MachinePage') },
                { path: 'alarms', lazy: () => import('../pages/alarms/AlarmsPage') },
                { path: 'gateways', lazy: () => import('../pages/gateways/GatewaysPage') },
                { path: '*', Component: NotFound },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
