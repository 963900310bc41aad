import { expect, test, vi } from 'vitest';

// uPlot looks at the screen when it is imported; the range of a column needs none.
vi.mock('uplot', () => ({ default: {} }));
const { extent, labels } = await import('./plot');

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

test('marks of an axis can be told apart, however far from zero', () => {
  expect(labels([24_201.6, 24_201.65, 24_201.7], 'en')).toEqual(['24.2016K', '24.20165K', '24.2017K']);
  expect(labels([0, 2_500, 5_000], 'en')).toEqual(['0', '2.5K', '5K']);
  expect(labels([0, 0.5, 1], 'en')).toEqual(['0', '0.5', '1']);
});
