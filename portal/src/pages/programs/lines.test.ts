import { expect, test } from 'vitest';
import { diffLines, hunksOf, type DiffLine } from './lines';

const told = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`).join('|');

test('one changed line', () => {
  expect(told(diffLines(['a', 'b', 'c'], ['a', 'x', 'c']))).toBe(' a|-b|+x| c');
});

test('nothing, all new, all gone', () => {
  expect(diffLines([], [])).toEqual([]);
  expect(told(diffLines([], ['a']))).toBe('+a');
  expect(told(diffLines(['a', 'b'], []))).toBe('-a|-b');
});

test('lines keep their numbers on both sides', () => {
  expect(diffLines(['a', 'b'], ['n', 'a', 'b']).map(({ oldLine, newLine }) => [oldLine, newLine])).toEqual([
    [null, 1],
    [1, 2],
    [2, 3],
  ]);
});

/** Deterministic noise. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

/** Length of the longest common subsequence, by its definition. */
function common(a: readonly string[], b: readonly string[]): number {
  let above = Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const row = [0];
    b.forEach((y, n) => row.push(x === y ? (above[n] ?? 0) + 1 : Math.max(above[n + 1] ?? 0, row[n] ?? 0)));
    above = row;
  }
  return above.at(-1) ?? 0;
}

test('both texts can be read back, and no shorter way exists', () => {
  const next = random(7);
  for (let round = 0; round < 300; round += 1) {
    const text = () => Array.from({ length: Math.floor(next() * 14) }, () => 'abcd'[Math.floor(next() * 4)] ?? 'a');
    const [before, after] = [text(), text()];
    const lines = diffLines(before, after);
    expect(lines.filter(({ kind }) => kind !== 'added').map((line) => line.text)).toEqual(before);
    expect(lines.filter(({ kind }) => kind !== 'removed').map((line) => line.text)).toEqual(after);
    expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(common(before, after));
  }
});

test('texts with nothing in common are still told in time', () => {
  const before = Array.from({ length: 4_000 }, (_, n) => `a${n}`);
  const after = Array.from({ length: 4_000 }, (_, n) => `b${n}`);
  expect(diffLines(before, after)).toHaveLength(8_000);
});

test('only what differs is shown, with three lines around', () => {
  const before = Array.from({ length: 30 }, (_, n) => `${n}`);
  const after = before.with(10, 'x');
  const { hunks, rest } = hunksOf(diffLines(before, after));
  expect(hunks.map(({ skipped, lines }) => [skipped, lines.length])).toEqual([[7, 8]]);
  expect(rest).toBe(16);
});
