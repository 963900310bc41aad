/** Where this session stands with the API: in, short of its second factor, or ended. Told by whatever is refused first. */
import { useSyncExternalStore } from 'react';
import type { Session } from './session';

export type Standing = 'in' | 'factor' | 'ended' | 'newcomer' | 'closed' | 'leaving' | 'company';

class Store {
  private now: Standing = 'in';
  private readonly listeners = new Set<() => void>();

  readonly get = (): Standing => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(next: Standing): void {
    if (next === this.now) return;
    this.now = next;
    for (const listener of this.listeners) listener();
  }
}

export const standing = new Store();

export const useStanding = (): Standing => useSyncExternalStore(standing.subscribe, standing.get);

/** What follows from a refusal, whichever way it came; true when the page is about to change because of it. */
export function heed(code: string, status: number | undefined, session: Session): boolean {
  if (code === 'auth.ended') session.ended();
  else if (code === 'auth.second_factor') standing.set('factor');
  else if (code === 'auth.no_membership') standing.set('newcomer');
  else if (code === 'tenant.suspended') standing.set('closed');
  else if (code === 'sso.required') standing.set('company');
  else if (status === 401 || code === 'auth.expired') void session.renew();
  else return false;
  return true;
}
