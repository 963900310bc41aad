import { expect, test } from 'vitest';
import { operationText } from './operations';

test('an operation is sent with the text of its file', () => {
  expect(operationText('Board')).toMatch(/^query Board \{/);
});

test('an operation that has no file is refused', () => {
  expect(() => operationText('Everything')).toThrow('"Everything"');
});
