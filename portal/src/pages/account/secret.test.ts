import { expect, test } from 'vitest';
import { inGroups, secretOf } from './secret';

test('the secret of an address, in groups to type', () => {
  const secret = secretOf('otpauth://totp/CNC:u_1?secret=ABCDEFGHIJ&issuer=CNC');
  expect(inGroups(secret)).toBe('ABCD EFGH IJ');
  expect(inGroups(secretOf('otpauth://totp/x'))).toBe('');
});
