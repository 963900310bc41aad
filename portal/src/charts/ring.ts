/** Newest samples of several signals over shared times, in typed arrays. */

/**
 * Holds the last `capacity` samples. The arrays are twice as long: samples move (`copyWithin`) once per
 * `capacity` appends, and `view` never copies. A missing value is NaN. Times are seconds, rising.
 */
export class SignalRing {
  readonly keys: readonly string[];
  private readonly times: Float64Array;
  private readonly columns: readonly Float64Array[];
  private end = 0;

  constructor(
    keys: readonly string[],
    private readonly capacity: number,
  ) {
    this.keys = keys;
    this.times = new Float64Array(capacity * 2);
    this.columns = keys.map(() => new Float64Array(capacity * 2));
  }

  get length(): number {
    return Math.min(this.end, this.capacity);
  }

  /** Time of the newest sample, or minus infinity. */
  get newest(): number {
    return this.end === 0 ? Number.NEGATIVE_INFINITY : (this.times[this.end - 1] ?? Number.NEGATIVE_INFINITY);
  }

  /** Adds one sample; `valueOf` tells NaN for what is missing. A time that does not rise is refused with false. */
  append(timeS: number, valueOf: (key: string) => number): boolean {
    if (!(timeS > this.newest)) return false;
    if (this.end === this.capacity * 2) this.compact();
    this.times[this.end] = timeS;
    this.keys.forEach((key, index) => {
      const column = this.columns[index];
      if (column !== undefined) column[this.end] = valueOf(key);
    });
    this.end += 1;
    return true;
  }

  /** Times and one column, oldest first; valid until the next append. */
  view(key: string): readonly [Float64Array, Float64Array] {
    const from = this.end - this.length;
    const column = this.columns[this.keys.indexOf(key)] ?? new Float64Array(0);
    return [this.times.subarray(from, this.end), column.subarray(from, this.end)];
  }

  clear(): void {
    this.end = 0;
  }

  private compact(): void {
    for (const array of [this.times, ...this.columns]) array.copyWithin(0, this.end - this.capacity, this.end);
    this.end = this.capacity;
  }
}
