/** Ends of a value axis that mean something in the unit of the signal. */

interface Axis {
  /** The axis is at least this long, so that noise of a resting signal does not look like a drama. */
  readonly least: number;
  /** Zero belongs to it. */
  readonly fromZero: boolean;
}

const AXES: Readonly<Record<string, Axis>> = {
  PERCENT: { least: 100, fromZero: true },
  'REVOLUTION/MINUTE': { least: 1_000, fromZero: true },
  'MILLIMETER/SECOND': { least: 10, fromZero: true },
  'MILLIMETER/SECOND^2': { least: 1, fromZero: true },
  WATT: { least: 1_000, fromZero: true },
  AMPERE: { least: 5, fromZero: true },
  COUNT: { least: 10, fromZero: true },
  WATT_SECOND: { least: 360_000, fromZero: false },
  CELSIUS: { least: 20, fromZero: false },
  VOLT: { least: 20, fromZero: false },
  HERTZ: { least: 2, fromZero: false },
  MILLIMETER: { least: 1, fromZero: false },
  DEGREE: { least: 1, fromZero: false },
};
const ANY: Axis = { least: 1, fromZero: false };
/** Head room above and below the curve. */
const PADDING = 0.08;

/** Lower and upper end for values from `low` to `high`; null when there is no value at all. */
export function axisRange(low: number, high: number, unit: string): [number, number] | null {
  if (!(low <= high)) return null;
  const { least, fromZero } = AXES[unit] ?? ANY;
  if (fromZero && low >= 0) return [0, high <= least ? least : high * (1 + PADDING)];
  const room = (high - low) * PADDING;
  const length = high - low + 2 * room;
  if (length >= least) return [low - room, high + room];
  const middle = (low + high) / 2;
  // A signal that is never negative does not get an axis below zero.
  const from = low >= 0 ? Math.max(0, middle - least / 2) : middle - least / 2;
  return [from, from + least];
}
