import { expect, test } from 'vitest';
import { daysOfUse } from './usage';

const row = (day: string, subject: string, calls: number, refused = 0) => ({ day, subject, calls, points: calls, sentBytes: 0, refused });
const ROWS = [row('2026-11-24', 'k_a', 10), row('2026-11-24', 'u_b', 30, 2), row('2026-11-25', 'k_a', 20)];

test('days without a call are days too, and the largest is whole', () => {
  const days = daysOfUse(ROWS, '2026-11-25', 3);
  expect(days.map(({ day, calls, share }) => [day, calls, share])).toEqual([
    ['2026-11-23', 0, 0],
    ['2026-11-24', 40, 1],
    ['2026-11-25', 20, 0.5],
  ]);
  expect(days[1]?.refused).toBe(2);
});

test('one caller alone', () => {
  expect(daysOfUse(ROWS, '2026-11-25', 2, 'k_a').map(({ calls }) => calls)).toEqual([10, 20]);
});

test('nothing used is a flat line and no division by nothing', () => {
  expect(daysOfUse([], '2026-03-01', 2).map(({ day, share }) => [day, share])).toEqual([
    ['2026-02-28', 0],
    ['2026-03-01', 0],
  ]);
});
