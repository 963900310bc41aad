import { expect, test } from 'vitest';
import { mayRenew, UNTOUCHED_MS } from './lease';

test('a lease is renewed only while somebody can see the page and touched it lately', () => {
  expect(mayRenew(false, 0)).toBe(true);
  expect(mayRenew(false, UNTOUCHED_MS)).toBe(true);
  expect(mayRenew(false, UNTOUCHED_MS + 1)).toBe(false);
  expect(mayRenew(true, 0)).toBe(false);
});
