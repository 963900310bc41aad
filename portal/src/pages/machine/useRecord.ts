import { useEffect, useState } from 'react';
import { useQuery, type CombinedError } from 'urql';
import { rfc3339 } from '../../app/time';
import { observedFromMs } from '../../charts/timeline';
import { MachineRecord } from '../../gql/operations';
import type { Completeness, StateInterval } from '../../gql/types';
import { HOUR_MS, settledMs } from './record';
import { shiftStartMs } from './shift';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;

export const SPANS_COUNTED = ['shift', 'hour'] as const;
export type Span = (typeof SPANS_COUNTED)[number];

export interface MachineRecordView {
  readonly completeness: Completeness | undefined;
  readonly intervals: readonly StateInterval[] | undefined;
  readonly error: CombinedError | undefined;
  readonly reload: () => void;
  readonly dayFromMs: number;
  readonly toMs: number;
  readonly span: Span;
  readonly setSpan: (span: Span) => void;
  /** The time that completeness counts: never before the first row of the day. */
  readonly countedFromMs: number;
  readonly countedToMs: number;
  /** The record begins within the time that was asked for: nothing is known of the time before. */
  readonly begins: boolean;
}

/** The record of the shift or the last hour, and the day, asked for anew each minute. */
export function useRecord(id: string, lastSeen: string | null | undefined, timeZone = 'UTC'): MachineRecordView {
  const [span, setSpan] = useState<Span>('shift');
  const [toMs, setToMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setToMs(Date.now());
    }, MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  const countedToMs = settledMs(toMs, lastSeen);
  // The shift of the last minute that is counted: the one before, while a new one has hardly begun.
  const countFromMs = span === 'shift' ? shiftStartMs(countedToMs - MINUTE_MS, timeZone) : countedToMs - HOUR_MS;
  const [{ data, error }, refetch] = useQuery({
    query: MachineRecord,
    variables: {
      id,
      hourFrom: rfc3339(countFromMs),
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
    countedFromMs: Math.min(Math.max(countFromMs, firstMs), countedToMs),
    countedToMs,
    begins: firstMs > countFromMs,
    span,
    setSpan,
  };
}
