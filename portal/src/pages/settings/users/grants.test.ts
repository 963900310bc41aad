import { expect, test } from 'vitest';
import { permissionsOf } from '../../../app/permissions';
import { dateOf, endOfDay, givable, withRole } from './grants';

test('a place without roles is no place of the membership', () => {
  const one = withRole({}, 's_1', 'viewer', true);
  expect(one).toEqual({ s_1: ['viewer'] });
  expect(withRole(one, 's_1', 'viewer', false)).toEqual({});
});

test('roles come in the order of the table, whatever was ticked first', () => {
  expect(withRole(withRole({}, '*', 'admin', true), '*', 'operator', true)).toEqual({ '*': ['operator', 'admin'] });
});

test('an administrator gives everything but what only owners have', () => {
  const admin = permissionsOf(['admin']);
  expect(givable(admin, '*')).not.toContain('owner');
  expect(givable(admin, '*')).toContain('supervisor');
  expect(givable(permissionsOf(['operator']), '*')).not.toContain('admin');
});

test('an access ends with its day', () => {
  expect(endOfDay('')).toBeNull();
  expect(dateOf(endOfDay('2026-12-24'))).toBe('2026-12-24');
});
