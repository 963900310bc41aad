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

const HOUR_MS = 3_600_000;

/** Full hours of the line that get a mark, every `everyH` hours of UTC. */
export function hourMarks(fromMs: number, toMs: number, everyH: number): { ms: number; at: number }[] {
  const step = everyH * HOUR_MS;
  const marks = [];
  for (let ms = Math.ceil(fromMs / step) * step; ms < toMs; ms += step) {
    marks.push({ ms, at: (ms - fromMs) / (toMs - fromMs) });
  }
  return marks;
}
