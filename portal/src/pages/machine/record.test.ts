import { expect, test } from 'vitest';
import { judgedAtMs, settledMs, storedPercent, verdict } from './record';

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

const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
const minutes = (ms: number) => ms / 60_000;

test('the newest three minutes are not judged yet', () => {
  expect(minutes(settledMs(100.5 * 60_000, at(100)))).toBe(97);
  expect(minutes(settledMs(100.5 * 60_000, null))).toBe(97);
});

test('of a machine that is silent for longer than an hour its own last hour is counted', () => {
  expect(minutes(settledMs(600 * 60_000, at(100)))).toBe(97);
});

test('rows that have just begun are judged soon; rows that ended before are not waited for', () => {
  expect(minutes(judgedAtMs(97 * 60_000, at(98)) ?? 0)).toBe(102);
  const begun = [{ from: at(99) }, { from: at(97) }, { from: at(40) }];
  expect(minutes(judgedAtMs(97 * 60_000, at(100), begun) ?? 0)).toBe(101);
  expect(judgedAtMs(97 * 60_000, at(96))).toBeNull();
  expect(judgedAtMs(97 * 60_000, null)).toBeNull();
});
