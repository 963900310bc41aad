/** Asking and acting over REST, for pages. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '../app/SessionContext';
import type { Problem } from '../gql/problems';
import { createRest, RestError, type Rest } from './client';

export function useRest(): Rest {
  const session = useSession();
  return useMemo(() => createRest(session), [session]);
}

const problemOfError = (error: unknown): Problem =>
  error instanceof RestError
    ? error.problem
    : { code: 'portal.failed', message: error instanceof Error ? error.message : String(error), todo: '', requestId: '' };

export interface Asked<Answer> {
  readonly data: Answer | undefined;
  readonly problem: Problem | undefined;
  readonly reload: () => void;
}

interface Held<Answer> {
  readonly path: string | null;
  readonly data?: Answer;
  readonly problem?: Problem;
}

/**
 * The answer to a GET, asked anew every so often while somebody looks. What was there stays when a later try fails;
 * a path of null asks nothing.
 */
export function useAsk<Answer>(path: string | null, everyMs?: number): Asked<Answer> {
  const rest = useRest();
  const [held, setHeld] = useState<Held<Answer>>({ path });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((now) => now + 1), []);
  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    rest.get<Answer>(path, stop.signal).then(
      (data) => {
        if (!stop.signal.aborted) setHeld({ path, data });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = problemOfError(error);
        setHeld((before) => (before.path === path ? { ...before, problem } : { path, problem }));
      },
    );
    return () => stop.abort();
  }, [rest, path, round]);
  useEffect(() => {
    if (everyMs === undefined || path === null) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, path, reload]);
  const fresh = held.path === path;
  return { data: fresh ? held.data : undefined, problem: fresh ? held.problem : undefined, reload };
}

export interface Acting {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** Runs one action at a time; the answer, or undefined when it failed and `problem` says why. */
  readonly run: <Answer>(action: (rest: Rest) => Promise<Answer>) => Promise<Answer | undefined>;
  readonly clear: () => void;
}

export function useAct(): Acting {
  const rest = useRest();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const running = useRef(false);
  const run = useCallback(
    async <Answer>(action: (rest: Rest) => Promise<Answer>): Promise<Answer | undefined> => {
      if (running.current) return undefined;
      running.current = true;
      setBusy(true);
      setProblem(undefined);
      try {
        return await action(rest);
      } catch (error) {
        setProblem(problemOfError(error));
        return undefined;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [rest],
  );
  return { busy, problem, run, clear: useCallback(() => setProblem(undefined), []) };
}
