import { useEffect, useState } from 'react';
import { useQuery, type CombinedError } from 'urql';
import { rfc3339 } from '../../app/time';
import { MachineRecord } from '../../gql/operations';
import type { Completeness, StateInterval } from '../../gql/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Minute messages need up to two minutes from the machine to the store: younger rows are not judged yet. */
const SETTLED_MS = 3 * MINUTE_MS;

export interface MachineRecordView {
  readonly completeness: Completeness | undefined;
  readonly intervals: readonly StateInterval[] | undefined;
  readonly error: CombinedError | undefined;
  readonly reload: () => void;
  readonly dayFromMs: number;
  readonly toMs: number;
  /** End of the hour that completeness counts. */
  readonly settledMs: number;
}

/** The record of the last hour and day, asked for anew each minute. */
export function useRecord(id: string): MachineRecordView {
  const [toMs, setToMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setToMs(Date.now());
    }, MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  const settledMs = Math.floor((toMs - SETTLED_MS) / MINUTE_MS) * MINUTE_MS;
  const [{ data, error }, refetch] = useQuery({
    query: MachineRecord,
    variables: {
      id,
      hourFrom: rfc3339(settledMs - HOUR_MS),
      hourTo: rfc3339(settledMs),
      dayFrom: rfc3339(toMs - DAY_MS),
      dayTo: rfc3339(toMs),
    },
  });
  return {
    completeness: data?.machine?.completeness,
    intervals: data?.machine?.stateTimeline,
    error: data === undefined ? error : undefined,
    reload: () => refetch({ requestPolicy: 'network-only' }),
    dayFromMs: toMs - DAY_MS,
    toMs,
    settledMs,
  };
}
