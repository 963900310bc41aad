/** Which rows completeness counts, and its wording: never rounder than the truth. */

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

/** Percent stored, cut (not rounded) to two digits: 100 only when every row is there. */
export function storedPercent(stored: number, produced: number): number {
  if (stored >= produced) return 100;
  return Math.min(99.99, Math.floor((stored * 10_000) / produced) / 100);
}

export type Verdict = 'whole' | 'declared' | 'missing' | 'nothing';

export function verdict(counts: { produced: number; missing: number; declaredGaps: number }): Verdict {
  if (counts.produced === 0) return 'nothing';
  if (counts.missing > 0) return 'missing';
  return counts.declaredGaps > 0 ? 'declared' : 'whole';
}
