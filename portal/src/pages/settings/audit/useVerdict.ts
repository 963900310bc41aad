import { useEffect, useState } from 'react';
import type { Problem } from '../../../gql/problems';
import { RestError } from '../../../rest/client';
import { useRest } from '../../../rest/useRest';
import type { Verdict } from './types';

export interface Checking {
  readonly verdict: Verdict | undefined;
  readonly problem: Problem | undefined;
}

/** Has the chain verified, part after part; what is known so far meanwhile. */
export function useVerdict(round: number): Checking {
  const rest = useRest();
  const [held, setHeld] = useState<Checking>({ verdict: undefined, problem: undefined });
  useEffect(() => {
    const stop = new AbortController();
    const read = async () => {
      let cursor: string | null = '';
      while (cursor !== null && !stop.signal.aborted) {
        const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
        const verdict: Verdict = await rest.get<Verdict>(`/audit/verify${query}`, stop.signal);
        if (stop.signal.aborted) return;
        setHeld({ verdict, problem: undefined });
        cursor = verdict.cursor;
      }
    };
    read().catch((error: unknown) => {
      if (!stop.signal.aborted && error instanceof RestError) setHeld({ verdict: undefined, problem: error.problem });
    });
    return () => stop.abort();
  }, [rest, round]);
  return held;
}
