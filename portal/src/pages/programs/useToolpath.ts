import { useCallback, useEffect, useState } from 'react';
import type { Problem } from '../../gql/problems';
import { RestError } from '../../rest/client';
import { useRest } from '../../rest/useRest';
import { BadToolpath, unpackToolpath, type Toolpath } from './toolpath';

interface Held {
  readonly id: string;
  readonly path?: Toolpath;
  readonly problem?: Problem;
}

const problemOf = (error: unknown): Problem =>
  error instanceof RestError
    ? error.problem
    : { code: 'toolpath.unreadable', message: error instanceof BadToolpath ? error.message : String(error), todo: '', requestId: '' };

const bytesOf = (base64: string): ArrayBuffer => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;

/** The path of the tool of one version. */
export function useToolpath(id: string) {
  const rest = useRest();
  const [held, setHeld] = useState<Held>({ id });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    rest
      .get<{ packed: string }>(`/programs/${id}/toolpath`, stop.signal)
      .then(({ packed }) => setHeld({ id, path: unpackToolpath(bytesOf(packed)) }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setHeld({ id, problem: problemOf(error) });
      });
    return () => stop.abort();
  }, [rest, id, round]);
  const retry = useCallback(() => setRound((now) => now + 1), []);
  const fresh = held.id === id;
  return { path: fresh ? held.path : undefined, problem: fresh ? held.problem : undefined, retry };
}
