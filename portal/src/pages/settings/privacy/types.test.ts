import { expect, test } from 'vitest';
import { onItsWay, size, span } from './types';

test('sizes are read in the unit that fits', () => {
  expect([0, 1023, 1024, 1_500_000, 5 * 2 ** 40].map((bytes) => size(bytes, 'en'))).toEqual(['0 B', '1,023 B', '1 KiB', '1.4 MiB', '5 TiB']);
});

test('a class is kept for days, for hours, or until something ends it', () => {
  expect(span({ days: 35, ends: 'ttl' })).toEqual({ key: 'privacy.days', count: 35 });
  expect(span({ days: 0.5, ends: 'ttl' })).toEqual({ key: 'privacy.hours', count: 12 });
  expect(span({ days: null, ends: 'person' })).toEqual({ key: 'privacy.ends.person' });
});

test('an export is on its way until it is done, failed or gone', () => {
  expect((['queued', 'running', 'done', 'failed', 'expired'] as const).filter((state) => onItsWay({ state }))).toEqual(['queued', 'running']);
});
