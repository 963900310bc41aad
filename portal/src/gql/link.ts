/** State of the live connection, for the indicator in the bar and for refetching after a break. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export type LinkState = 'waiting' | 'live' | 'lost';

class Link {
  private state: LinkState = 'waiting';
  private readonly listeners = new Set<() => void>();

  readonly get = (): LinkState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const link = new Link();

export function useLink(): LinkState {
  return useSyncExternalStore(link.subscribe, link.get);
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
