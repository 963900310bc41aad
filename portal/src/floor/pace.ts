/** Pace of parts from counts seen at known times. */
export interface PartSeen {
  readonly atMs: number;
  readonly count: number;
}
export type PartLog = readonly PartSeen[];

const WINDOW_MS = 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** Two parts say little; three counts span two whole cycles. */
const FEWEST_COUNTS = 3;

/** Remembers a count when it rose. A count that fell is a new job: the old counts say nothing about it. */
export function notePart(log: PartLog, count: number | null, atMs: number): PartLog {
  const last = log.at(-1);
  if (count === null || !Number.isFinite(atMs) || count === last?.count || atMs < (last?.atMs ?? 0)) return log;
  if (last !== undefined && count < last.count) return [{ atMs, count }];
  return [...log.filter((seen) => atMs - seen.atMs <= WINDOW_MS), { atMs, count }];
}

/** Parts per hour, or null while too few were seen. The first count is left out: its part began before we watched. */
export function partsPerHour(log: PartLog): number | null {
  const first = log[1];
  const last = log.at(-1);
  if (log.length < FEWEST_COUNTS || first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.count - first.count) * HOUR_MS) / (last.atMs - first.atMs);
}

/** When the target will be reached at this pace, in milliseconds; null when there is no telling. */
export function doneAtMs(made: number, target: number, perHour: number | null, nowMs: number): number | null {
  if (perHour === null || perHour <= 0 || made >= target) return null;
  return nowMs + ((target - made) / perHour) * HOUR_MS;
}
