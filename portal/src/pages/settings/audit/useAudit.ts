import { useCallback, useEffect, useState } from 'react';
import type { Problem } from '../../../gql/problems';
import { RestError } from '../../../rest/client';
import { useRest } from '../../../rest/useRest';
import { queryOf } from './filters';
import type { AuditEntry, AuditPageAnswer, Filters } from './types';

/** A page may be empty while there is more to look at: so often it goes on by itself. */
const MOST_EMPTY = 20;

interface Held {
  readonly asked: string;
  readonly entries: readonly AuditEntry[];
  readonly cursor: string | null;
  readonly problem?: Problem;
}

export interface Audit {
  readonly entries: readonly AuditEntry[] | undefined;
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  /** There is more, and how to get it. */
  readonly more: (() => void) | undefined;
  readonly reload: () => void;
}

/** The log, newest first, page after page. */
export function useAudit(filters: Filters, timeZone: string): Audit {
  const rest = useRest();
  const [round, setRound] = useState(0);
  const [held, setHeld] = useState<Held>();
  const [busy, setBusy] = useState(false);
  const asked = `${queryOf(filters, timeZone, null)} ${round}`;

  const read = useCallback(
    async (before: Held | undefined, signal?: AbortSignal) => {
      setBusy(true);
      let entries = before?.entries ?? [];
      let cursor = before?.cursor ?? null;
      try {
        const start = entries.length;
        for (let empty = 0; empty < MOST_EMPTY && entries.length === start; empty += 1) {
          const answer = await rest.get<AuditPageAnswer>(queryOf(filters, timeZone, cursor), signal);
          entries = [...entries, ...answer.entries];
          cursor = answer.cursor;
          if (cursor === null) break;
        }
        if (signal?.aborted !== true) setHeld({ asked, entries, cursor });
      } catch (error) {
        if (signal?.aborted === true) return;
        const problem = error instanceof RestError ? error.problem : undefined;
        setHeld({ asked, entries, cursor, ...(problem === undefined ? {} : { problem }) });
      } finally {
        if (signal?.aborted !== true) setBusy(false);
      }
    },
    [rest, filters, timeZone, asked],
  );

  useEffect(() => {
    const stop = new AbortController();
    void read(undefined, stop.signal);
    return () => stop.abort();
  }, [read]);

  const fresh = held?.asked === asked ? held : undefined;
  return {
    entries: fresh?.problem !== undefined && fresh.entries.length === 0 ? undefined : fresh?.entries,
    problem: fresh?.problem,
    busy,
    more: fresh === undefined || fresh.cursor === null || busy ? undefined : () => void read(fresh),
    reload: useCallback(() => setRound((now) => now + 1), []),
  };
}
