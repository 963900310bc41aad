import { expect, test } from 'vitest';
import { storedPercent, verdict } from './record';

test('one row of a million missing is not 100 %', () => {
  expect(storedPercent(999_999, 1_000_000)).toBe(99.99);
  expect(storedPercent(1_000_000, 1_000_000)).toBe(100);
});

test('percent is cut, not rounded up', () => {
  expect(storedPercent(3_588, 3_600)).toBe(99.66);
});

test.each([
  [{ produced: 0, missing: 0, declaredGaps: 0 }, 'nothing'],
  [{ produced: 9, missing: 1, declaredGaps: 3 }, 'missing'],
  [{ produced: 9, missing: 0, declaredGaps: 3 }, 'declared'],
  [{ produced: 9, missing: 0, declaredGaps: 0 }, 'whole'],
] as const)('%j is %s', (counts, expected) => {
  expect(verdict(counts)).toBe(expected);
});
