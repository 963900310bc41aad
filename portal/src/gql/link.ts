/** State of the live connection, for the indicator in the bar and for refetching after a break. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export type LinkState = 'waiting' | 'live' | 'lost';

class Link {
  private state: LinkState = 'waiting';
  private lostAt: number | null = null;
  private readonly listeners = new Set<() => void>();

  readonly get = (): LinkState => this.state;

  /** When it broke; null while it stands. */
  readonly lostAtMs = (): number | null => this.lostAt;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.lostAt = state === 'lost' ? Date.now() : null;
    for (const listener of this.listeners) listener();
  }
}

export const link = new Link();

export function useLink(): LinkState {
  return useSyncExternalStore(link.subscribe, link.get);
}

export function useLostAtMs(): number | null {
  return useSyncExternalStore(link.subscribe, link.lostAtMs);
}

/** A subscription stands a moment after its link: what changed between the first answer and then is asked for. */
const SETTLE_MS = 1_500;

/** Events missed while the link was down, or not yet up, never come again: what is shown is asked for anew. */
export function useResume(refetch: () => void): void {
  const state = useLink();
  const broken = useRef(false);
  useEffect(() => {
    if (state === 'lost') broken.current = true;
    if (state !== 'live') return undefined;
    if (broken.current) refetch();
    broken.current = false;
    const timer = setTimeout(refetch, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [state, refetch]);
}
