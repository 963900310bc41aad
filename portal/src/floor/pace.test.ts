import { expect, test } from 'vitest';
import { doneAtMs, notePart, partsPerHour, type PartLog } from './pace';

const MINUTE = 60_000;
const seen = (...counts: [number, number][]): PartLog =>
  counts.reduce<PartLog>((log, [minute, count]) => notePart(log, count, minute * MINUTE), []);

test('pace comes from whole cycles: the part that was under way when we came does not count', () => {
  expect(partsPerHour(seen([3, 10], [4, 11], [9, 12], [14, 13]))).toBe(12);
});

test('two counts are too few to tell a pace', () => {
  expect(partsPerHour(seen([0, 10], [5, 11]))).toBeNull();
});

test('the same count again is no new part', () => {
  expect(seen([0, 10], [1, 10], [2, 10])).toHaveLength(1);
});

test('a count that falls starts a new job', () => {
  expect(seen([0, 10], [5, 11], [6, 0])).toEqual([{ atMs: 6 * MINUTE, count: 0 }]);
});

test('counts older than an hour are forgotten', () => {
  expect(seen([0, 1], [10, 2], [100, 3])).toEqual([{ atMs: 100 * MINUTE, count: 3 }]);
});

test('the end is told from what is left and the pace, and not at all without one', () => {
  expect(doneAtMs(10, 22, 12, 0)).toBe(60 * MINUTE);
  expect(doneAtMs(22, 22, 12, 0)).toBeNull();
  expect(doneAtMs(10, 22, null, 0)).toBeNull();
  expect(doneAtMs(10, 22, 0, 0)).toBeNull();
});
