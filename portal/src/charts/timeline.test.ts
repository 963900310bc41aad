import { expect, test } from 'vitest';
import { hourMarks, shares, stretches } from './timeline';

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

test('marks stand at full hours', () => {
  expect(hourMarks(HOUR / 2, 7 * HOUR, 3).map(({ ms }) => ms / HOUR)).toEqual([3, 6]);
});
