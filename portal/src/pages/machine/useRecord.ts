import { useEffect, useState } from 'react';
import { useQuery, type CombinedError } from 'urql';
import { rfc3339 } from '../../app/time';
import { observedFromMs } from '../../charts/timeline';
import { MachineRecord } from '../../gql/operations';
import type { Completeness, StateInterval } from '../../gql/types';
import { HOUR_MS, settledMs } from './record';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;

export interface MachineRecordView {
  readonly completeness: Completeness | undefined;
  readonly intervals: readonly StateInterval[] | undefined;
  readonly error: CombinedError | undefined;
  readonly reload: () => void;
  readonly dayFromMs: number;
  readonly toMs: number;
  /** The time that completeness counts: at most an hour, and never before the first row of the day. */
  readonly countedFromMs: number;
  readonly countedToMs: number;
}

/** The record of the last hour and day, asked for anew each minute. */
export function useRecord(id: string, lastSeen: string | null | undefined): MachineRecordView {
  const [toMs, setToMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setToMs(Date.now());
    }, MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  const countedToMs = settledMs(toMs, lastSeen);
  const [{ data, error }, refetch] = useQuery({
    query: MachineRecord,
    variables: {
      id,
      hourFrom: rfc3339(countedToMs - HOUR_MS),
      hourTo: rfc3339(countedToMs),
      dayFrom: rfc3339(toMs - DAY_MS),
      dayTo: rfc3339(toMs),
    },
  });
  const intervals = data?.machine?.stateTimeline;
  const firstMs = observedFromMs(intervals ?? [], toMs - DAY_MS) ?? 0;
  return {
    completeness: data?.machine?.completeness,
    intervals,
    error: data === undefined ? error : undefined,
    reload: () => refetch({ requestPolicy: 'network-only' }),
    dayFromMs: toMs - DAY_MS,
    toMs,
    countedFromMs: Math.min(Math.max(countedToMs - HOUR_MS, firstMs), countedToMs),
    countedToMs,
  };
}
