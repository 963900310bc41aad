/** What a strip chart draws from; it is told when there is something new. */
import type { LiveFrame, Series, SignalValue } from '../gql/types';
import { SignalRing } from './ring';

const number = (value: SignalValue | undefined): number => (typeof value === 'number' ? value : Number.NaN);

/** A silence longer than this is drawn as a gap, not as a straight line through it. */
const SILENCE_S = 5;

export class SignalSource {
  private readonly ring: SignalRing;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly keys: readonly string[],
    capacity: number,
  ) {
    this.ring = new SignalRing(keys, capacity);
  }

  get length(): number {
    return this.ring.length;
  }

  /** Stored rows take the place of what is held up to the newest of them; later frames stay. */
  addSeries({ timestamps, columns }: Series): void {
    const stored = timestamps.map((stamp, row) => ({
      timeS: Date.parse(stamp) / 1000,
      values: this.keys.map((key) => number(columns[key]?.[row])),
    }));
    const knownS = stored.findLast(({ values }) => !values.every(Number.isNaN))?.timeS ?? Number.NEGATIVE_INFINITY;
    const later = this.samples().filter(({ timeS }) => timeS > knownS);
    const firstLaterS = later[0]?.timeS ?? Number.POSITIVE_INFINITY;
    this.ring.clear();
    for (const { timeS, values } of [...stored.filter(({ timeS }) => timeS < firstLaterS), ...later]) {
      this.ring.append(timeS, (key) => values[this.keys.indexOf(key)] ?? Number.NaN);
    }
    this.tell();
  }

  addFrame({ at, columns }: LiveFrame): void {
    const timeS = Date.parse(at) / 1000;
    if (timeS - this.ring.newest > SILENCE_S) this.ring.append(timeS - 1, () => Number.NaN);
    if (this.ring.append(timeS, (key) => number(columns[key]?.[0]))) this.tell();
  }

  view(key: string): readonly [Float64Array, Float64Array] {
    return this.ring.view(key);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private samples(): { timeS: number; values: number[] }[] {
    const columns = this.keys.map((key) => this.ring.view(key));
    const times = columns[0]?.[0] ?? new Float64Array(0);
    return [...times].map((timeS, row) => ({ timeS, values: columns.map(([, values]) => values[row] ?? Number.NaN) }));
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Newest number of a column that is not missing. */
export function newestValue(column: Float64Array): number | null {
  const at = column.findLastIndex((value) => !Number.isNaN(value));
  return at === -1 ? null : (column[at] ?? null);
}
