import { expect, test } from 'vitest';
import { parseConfig } from './config';

const GOOD = { issuer: 'https://issuer.example', clientId: 'c', graphql: '/graphql', socket: '/socket' };

test('a whole configuration is read', () => {
  expect(parseConfig(JSON.stringify(GOOD))).toEqual(GOOD);
});

test.each(Object.keys(GOOD))('a configuration without %s is refused by name', (key) => {
  expect(() => parseConfig(JSON.stringify({ ...GOOD, [key]: '' }))).toThrow(`"${key}"`);
});
