import { expect, test } from 'vitest';
import { shiftStartMs } from './shift';

const start = (at: string, zone: string) => new Date(shiftStartMs(Date.parse(at), zone)).toISOString().slice(0, 16);

test.each([
  ['2026-11-24T13:59:59.900Z', 'UTC', '2026-11-24T06:00'],
  ['2026-11-24T14:00:00Z', 'UTC', '2026-11-24T14:00'],
  ['2026-11-24T05:59:00Z', 'UTC', '2026-11-23T22:00'],
  ['2026-11-24T04:30:00Z', 'Europe/Berlin', '2026-11-23T21:00'],
  ['2026-11-24T05:30:00Z', 'Asia/Kolkata', '2026-11-24T00:30'],
])('the shift of %s in %s began at %s', (at, zone, expected) => {
  expect(start(at, zone)).toBe(expected);
});

test('a night with a change of the clocks still begins at 22 o’clock', () => {
  expect(start('2026-10-25T04:00:00Z', 'Europe/Berlin')).toBe('2026-10-24T20:00');
  expect(start('2026-03-29T03:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T21:00');
});
