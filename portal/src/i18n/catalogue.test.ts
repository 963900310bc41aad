import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from './en.json';

const SRC = join(import.meta.dirname, '..');

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf-8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
  .map((name) => readFileSync(join(SRC, name), 'utf-8'));

function keysOf(node: unknown, path: string): string[] {
  if (typeof node === 'string') return [path];
  return Object.entries(node as object).flatMap(([key, value]) => keysOf(value, path === '' ? key : `${path}.${key}`));
}

const known = new Set(keysOf(en, '').map((key) => key.replace(/_(one|other)$/, '')));

test('every sentence that the code asks for is in the catalogue', () => {
  const asked = sources.flatMap((text) => [...text.matchAll(/\bt\('([\w.]+)'/g)].map(([, key = '']) => key));
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
});

test('the catalogue holds no sentence that nothing asks for', () => {
  const code = sources.join('\n');
  const families = [...code.matchAll(/[`'](\w[\w.]*)\.\$\{/g)].map(([, family = '']) => `${family}.`);
  const unused = [...known].filter((key) => !code.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)));
  expect(unused).toEqual([]);
});
