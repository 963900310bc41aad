/** Live values flow while somebody looks: a visible page renews a lease of 60 s. */
import { useEffect, useState } from 'react';
import { useMutation } from 'urql';
import { WatchMachine } from '../../gql/operations';

const RENEW_MS = 30_000;
/** A page that nobody touched for so long stops asking: it may hang forgotten on a wall. */
export const UNTOUCHED_MS = 15 * 60_000;

export type Lease = 'held' | 'resting';

export const mayRenew = (hidden: boolean, untouchedMs: number): boolean => !hidden && untouchedMs <= UNTOUCHED_MS;

export function useLease(machine: string, wanted: boolean): Lease {
  const [, watch] = useMutation(WatchMachine);
  const [lease, setLease] = useState<Lease>('held');
  useEffect(() => {
    if (!wanted) return undefined;
    let touchedMs = Date.now();
    const renew = () => {
      const may = mayRenew(document.hidden, Date.now() - touchedMs);
      setLease(may ? 'held' : 'resting');
      if (may) void watch({ id: machine });
    };
    const touch = () => {
      const rested = !mayRenew(false, Date.now() - touchedMs);
      touchedMs = Date.now();
      if (rested) renew();
    };
    const timer = setInterval(renew, RENEW_MS);
    const events = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
    for (const event of events) window.addEventListener(event, touch, { passive: true });
    document.addEventListener('visibilitychange', renew);
    renew();
    return () => {
      clearInterval(timer);
      for (const event of events) window.removeEventListener(event, touch);
      document.removeEventListener('visibilitychange', renew);
    };
  }, [machine, wanted, watch]);
  return lease;
}
