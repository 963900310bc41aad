import { expect, test } from 'vitest';
import { IDLE_MS, isIdle } from './idle';

test('half an hour without a hand is idle, a second less is not', () => {
  const now = 1_764_000_000_000;
  expect([isIdle(now - IDLE_MS, now), isIdle(now - IDLE_MS + 1_000, now)]).toEqual([true, false]);
});
