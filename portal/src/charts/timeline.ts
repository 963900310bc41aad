/** Geometry of the state timeline: intervals on a line from `fromMs` to `toMs`, in shares of its length. */
import { executionState, type State } from '../components/states';
import type { StateInterval } from '../gql/types';

export interface Stretch {
  readonly execution: string;
  readonly state: State;
  readonly fromMs: number;
  readonly toMs: number;
  /** 0..1 from the start of the line. */
  readonly at: number;
  readonly share: number;
}

/** Nothing was observed between intervals: those stretches are made explicit, never left to look like a state. */
export const UNOBSERVED = 'UNAVAILABLE';

/** Shorter holes are the seam between two rows. */
const SEAM_MS = 2_000;
/** Minute messages are this long on their way: the newest end is not yet known, which is not «not observed». */
const PENDING_MS = 3 * 60_000;

export function stretches(intervals: readonly StateInterval[], fromMs: number, toMs: number): Stretch[] {
  const found: Stretch[] = [];
  const add = (execution: string, start: number, end: number) => {
    const [a, b] = [Math.max(start, fromMs), Math.min(end, toMs)];
    if (b <= a) return;
    const length = toMs - fromMs;
    found.push({
      execution,
      state: executionState(execution),
      fromMs: a,
      toMs: b,
      at: (a - fromMs) / length,
      share: (b - a) / length,
    });
  };
  let end = fromMs;
  for (const interval of [...intervals].sort((a, b) => a.from.localeCompare(b.from))) {
    const [start, stop] = [Date.parse(interval.from), Date.parse(interval.to)];
    if (start - end > SEAM_MS) add(UNOBSERVED, end, start);
    add(interval.execution, Math.max(start, end), stop);
    end = Math.max(end, stop);
  }
  if (toMs - end > PENDING_MS) add(UNOBSERVED, end, toMs);
  return found;
}

/** Share of the whole for each state, greatest first. */
export function shares(line: readonly Stretch[]): { state: State; share: number }[] {
  const sums = new Map<State, number>();
  for (const { state, share } of line) sums.set(state, (sums.get(state) ?? 0) + share);
  return [...sums].map(([state, share]) => ({ state, share })).sort((a, b) => b.share - a.share);
}

/** The part of a day that was observed: from its first interval on; null when there is none. */
export function observedFromMs(intervals: readonly StateInterval[], dayFromMs: number): number | null {
  const first = Math.min(...intervals.map(({ from }) => Date.parse(from)));
  return Number.isFinite(first) ? Math.max(first, dayFromMs) : null;
}

/** The newest minutes are on their way: the line ends where it is known, unless it has been silent for longer. */
export function knownToMs(intervals: readonly StateInterval[], toMs: number): number {
  const last = Math.max(...intervals.map(({ to }) => Date.parse(to)));
  return toMs - last <= PENDING_MS ? Math.min(last, toMs) : toMs;
}

const MINUTE_MS = 60_000;
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180] as const;
const MOST_MARKS = 9;

/** Marks at round times (UTC), at most nine of them. */
export function timeMarks(fromMs: number, toMs: number): { ms: number; at: number }[] {
  const fits = (minutes: number) => toMs - fromMs <= minutes * MINUTE_MS * MOST_MARKS;
  const step = (STEPS_MIN.find(fits) ?? STEPS_MIN.at(-1) ?? 1) * MINUTE_MS;
  const marks = [];
  for (let ms = Math.ceil(fromMs / step) * step; ms < toMs; ms += step) {
    marks.push({ ms, at: (ms - fromMs) / (toMs - fromMs) });
  }
  return marks;
}
