import { expect, test, vi } from 'vitest';

// uPlot looks at the screen when it is imported; the range of a column needs none.
vi.mock('uplot', () => ({ default: {} }));
const { extent } = await import('./plot');

const NONE = Number.NaN;

test('missing samples at either end or between do not hide the range', () => {
  expect(extent([1, 2, 3, 4, 5], new Float64Array([NONE, 3, NONE, 9, NONE]), 0)).toEqual([3, 9]);
});

test('samples out of sight do not count', () => {
  expect(extent([1, 2, 3], new Float64Array([100, 5, 6]), 2)).toEqual([5, 6]);
});

test('no sample at all has no range', () => {
  const [low, high] = extent([1, 2], new Float64Array([NONE, NONE]), 0);
  expect(low).toBeGreaterThan(high);
});
