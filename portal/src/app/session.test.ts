import { expect, test } from 'vitest';
import { safeReturn } from './session';

test('sign-in comes back to the page that was asked for', () => {
  expect(safeReturn({ returnTo: '/machines/m_1?range=8h' })).toBe('/machines/m_1?range=8h');
});

test.each([null, undefined, {}, { returnTo: 5 }, { returnTo: '//evil.example' }, { returnTo: '/\\evil.example' }, { returnTo: 'https://evil.example' }])(
  'sign-in never leaves this origin: %j',
  (state) => {
    expect(safeReturn(state)).toBe('/');
  },
);
