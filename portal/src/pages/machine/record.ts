/** Which rows completeness counts, and its wording: never rounder than the truth. */

import type { Completeness, Unobserved } from '../../gql/types';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** Minute messages need up to two minutes from the machine to the store: younger rows are not judged yet. */
const SETTLED_MS = 3 * MINUTE_MS;

/** End of the newest hour that can be judged; that of a machine silent for longer is the hour before its last row. */
export function settledMs(nowMs: number, lastSeen: string | null | undefined): number {
  const lastMs = lastSeen == null ? nowMs : Date.parse(lastSeen);
  const silent = nowMs - lastMs > HOUR_MS;
  return Math.floor(((silent ? lastMs : nowMs) - SETTLED_MS) / MINUTE_MS) * MINUTE_MS;
}

/** When the first rows after `settled` are judged, or null when there are none to wait for. */
export function judgedAtMs(
  settled: number,
  lastSeen: string | null | undefined,
  intervals: readonly { from: string }[] = [],
): number | null {
  if (lastSeen == null || Date.parse(lastSeen) < settled) return null;
  const starts = intervals.map(({ from }) => Date.parse(from)).filter((from) => from >= settled);
  return Math.min(Date.parse(lastSeen), ...starts) + SETTLED_MS + MINUTE_MS;
}

/** Milliseconds of [from, to) in which some source made no row; stretches that overlap count once. */
export function unobservedMs(unobserved: readonly Unobserved[], fromMs: number, toMs: number): number {
  const spans = unobserved
    .map(({ from, to }) => [Math.max(fromMs, Date.parse(from)), Math.min(toMs, Date.parse(to))] as const)
    .filter(([from, to]) => from < to)
    .toSorted(([a], [b]) => a - b);
  let covered = fromMs;
  let sum = 0;
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, covered));
    covered = Math.max(covered, to);
  }
  return sum;
}

/** Percent of a period that is on record: rows that are stored, of the time that was observed. Cut, as above. */
export function onRecordPercent(counts: Counts, notObservedMs: number, periodMs: number): number {
  const stored = counts.produced === 0 ? 0 : counts.stored / counts.produced;
  const observed = periodMs <= 0 ? 1 : 1 - notObservedMs / periodMs;
  return stored >= 1 && observed >= 1 ? 100 : Math.max(0, Math.min(99.99, Math.floor(stored * observed * 10_000) / 100));
}

export interface Loss {
  readonly source: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  /** Rows that were made and are lost; null where none was made. */
  readonly rows: number | null;
}

/** Both ledgers in one list: exactly which time is not on record, and why, the newest first. */
export function lossesOf({ gaps, unobserved }: Pick<Completeness, 'gaps' | 'unobserved'>): Loss[] {
  const lost = gaps.map(
    ({ source, from, to, reason, firstSeq, lastSeq }): Loss => ({
      source,
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
      why: reason,
      rows: lastSeq - firstSeq + 1,
    }),
  );
  const unseen = unobserved.map(
    ({ source, from, to, why }): Loss => ({ source, fromMs: Date.parse(from), toMs: Date.parse(to), why, rows: null }),
  );
  return [...lost, ...unseen].toSorted((a, b) => b.fromMs - a.fromMs);
}

type Counts = Pick<Completeness, 'produced' | 'stored'>;

export type Verdict = 'whole' | 'declared' | 'unobserved' | 'missing' | 'nothing';

export function verdict(
  counts: { produced: number; missing: number; declaredGaps: number },
  notObservedMs = 0,
): Verdict {
  if (counts.produced === 0) return 'nothing';
  if (counts.missing > 0) return 'missing';
  if (counts.declaredGaps > 0) return 'declared';
  return notObservedMs > 0 ? 'unobserved' : 'whole';
}
