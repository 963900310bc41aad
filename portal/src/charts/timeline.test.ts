import { expect, test } from 'vitest';
import { knownToMs, observedFromMs, shares, stretches, timeMarks } from './timeline';

const HOUR = 3_600_000;
const at = (hour: number) => new Date(hour * HOUR).toISOString();
const line = (...parts: [string, number, number][]) =>
  stretches(
    parts.map(([execution, from, to]) => ({ execution, from: at(from), to: at(to) })),
    0,
    10 * HOUR,
  );

test('what nobody observed is told as such, before, between and after', () => {
  expect(line(['ACTIVE', 1, 4], ['READY', 5, 8]).map(({ state, share }) => [state, share])).toEqual([
    ['OFFLINE', 0.1],
    ['ACTIVE', expect.closeTo(0.3)],
    ['OFFLINE', 0.1],
    ['IDLE', expect.closeTo(0.3)],
    ['OFFLINE', 0.2],
  ]);
});

test('intervals are cut to the line, put in order, and never overlap', () => {
  const found = line(['READY', 6, 12], ['ACTIVE', -3, 7]);
  expect(found.map(({ fromMs, toMs }) => [fromMs / HOUR, toMs / HOUR])).toEqual([
    [0, 7],
    [7, 10],
  ]);
});

test('the last minutes are on their way and not called unobserved', () => {
  expect(line(['ACTIVE', 0, 9.96]).map(({ state }) => state)).toEqual(['ACTIVE']);
  expect(line(['ACTIVE', 0, 9.9]).map(({ state }) => state)).toEqual(['ACTIVE', 'OFFLINE']);
});

test('shares add up to the whole, the greatest first', () => {
  const found = shares(line(['ACTIVE', 0, 6], ['READY', 6, 10]));
  expect(found.map(({ state }) => state)).toEqual(['ACTIVE', 'IDLE']);
  expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});

test('an execution that this build does not know is not shown as fine', () => {
  expect(line(['NEW_STATE', 0, 10])[0]?.state).toBe('OFFLINE');
});

test('marks stand at round times, as many as the line has room for', () => {
  expect(timeMarks(HOUR / 2, 24.5 * HOUR).map(({ ms }) => ms / HOUR)).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
  expect(timeMarks(0.1 * HOUR, 0.55 * HOUR).map(({ ms }) => (ms / HOUR) * 60)).toEqual([10, 15, 20, 25, 30]);
});

test('a new shop is shown from its first row on', () => {
  const intervals = [{ execution: 'ACTIVE', from: at(5), to: at(6) }];
  expect(observedFromMs(intervals, 0)).toBe(5 * HOUR);
  expect(observedFromMs(intervals, 5.5 * HOUR)).toBe(5.5 * HOUR);
  expect(observedFromMs([], 0)).toBeNull();
});

test('the line ends where it is known, and a longer silence belongs to it', () => {
  const intervals = [{ execution: 'ACTIVE', from: at(5), to: at(6) }];
  expect(knownToMs(intervals, 6 * HOUR + 100_000)).toBe(6 * HOUR);
  expect(knownToMs(intervals, 7 * HOUR)).toBe(7 * HOUR);
});
