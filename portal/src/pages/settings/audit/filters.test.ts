import { expect, test } from 'vitest';
import { NO_FILTERS, queryOf, startOfDay } from './filters';

test('a day begins when it begins at the site, in summer, in winter and when clocks change', () => {
  expect(startOfDay('2026-11-25', 'Europe/Berlin')).toBe('2026-11-24T23:00:00.000Z');
  expect(startOfDay('2026-07-01', 'Europe/Berlin')).toBe('2026-06-30T22:00:00.000Z');
  expect(startOfDay('2026-03-29', 'Europe/Berlin', 1)).toBe('2026-03-29T22:00:00.000Z');
  expect(startOfDay('2026-11-25', 'America/Los_Angeles')).toBe('2026-11-25T08:00:00.000Z');
  expect(startOfDay('2026-12-31', 'UTC', 1)).toBe('2027-01-01T00:00:00.000Z');
  expect(startOfDay('soon', 'UTC')).toBe('');
});

test('only what was chosen is asked for', () => {
  expect(queryOf(NO_FILTERS, 'UTC', null)).toBe('/audit?first=50');
  const query = queryOf({ actor: 'u_1', noun: 'key', result: 'refused', from: '', to: '2026-11-25' }, 'UTC', '7.ab');
  expect(new URLSearchParams(query.split('?')[1])).toEqual(
    new URLSearchParams('first=50&actor=u_1&action=key&result=refused&to=2026-11-26T00:00:00.000Z&cursor=7.ab'),
  );
});
