import { describe, expect, test } from 'vitest';
import { ageMs, rfc3339, siteClock, siteTime, spoken } from './time';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;

describe('a length of time is said in its two coarsest units', () => {
  test.each([
    [0, 'time.now', {}],
    [-5 * S, 'time.now', {}],
    [59 * S, 'time.seconds', { s: 59 }],
    [M, 'time.minutes', { m: 1 }],
    [H - S, 'time.minutes', { m: 59 }],
    [3 * H + 5 * M + 59 * S, 'time.hours', { h: 3, m: 5 }],
    [50 * H, 'time.days', { d: 2, h: 2 }],
  ])('%i ms', (ms, key, values) => {
    expect(spoken(ms)).toEqual({ key, values });
  });
});

test('an instant that is not there has no age', () => {
  expect(ageMs(null, 5)).toBeNull();
  expect(ageMs('1970-01-01T00:00:01.000Z', 4_000)).toBe(3_000);
});

test('times are those of the site, with the zone named', () => {
  expect(siteTime('2026-07-01T12:00:00.000Z', 'en', 'Europe/Berlin')).toMatch(/2:00:00.PM GMT\+2/);
  expect(siteClock(Date.parse('2026-11-24T23:30:00.000Z'), 'en', 'Europe/Berlin')).toBe('00:30');
});

test('the API gets milliseconds and Z', () => {
  expect(rfc3339(1_764_000_000_123)).toBe('2025-11-24T16:00:00.123Z');
});
