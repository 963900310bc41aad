import { expect, test } from 'vitest';
import { retryWaitMs } from './socket';

test('waits double up to a limit and are spread over half of themselves', () => {
  expect(retryWaitMs(0, 0)).toBe(250);
  expect(retryWaitMs(0, 1)).toBe(500);
  expect(retryWaitMs(3, 1)).toBe(4_000);
  expect(retryWaitMs(50, 1)).toBe(20_000);
  expect(retryWaitMs(50, 0)).toBe(10_000);
});
