/** Calls per day, ready to be drawn. */
import type { UsageOfDay } from './types';

export interface DayOfUse {
  readonly day: string;
  readonly calls: number;
  readonly refused: number;
  /** Share of the largest day, 0 to 1. */
  readonly share: number;
}

const DAY_MS = 86_400_000;

/** The last `count` days until `today` (YYYY-MM-DD, UTC), those without a call included; one subject or all. */
export function daysOfUse(rows: readonly UsageOfDay[], today: string, count: number, subject?: string): DayOfUse[] {
  const sums = new Map<string, { calls: number; refused: number }>();
  for (const { day, calls, refused, ...row } of rows) {
    if (subject !== undefined && row.subject !== subject) continue;
    const sum = sums.get(day) ?? { calls: 0, refused: 0 };
    sums.set(day, { calls: sum.calls + calls, refused: sum.refused + refused });
  }
  const last = Date.parse(`${today}T00:00:00Z`);
  const days = Array.from({ length: count }, (_, index) => new Date(last - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10));
  const found = days.map((day) => ({ day, ...(sums.get(day) ?? { calls: 0, refused: 0 }) }));
  const most = Math.max(1, ...found.map(({ calls }) => calls));
  return found.map((one) => ({ ...one, share: one.calls / most }));
}
