import { expect, test } from 'vitest';
import { BadToolpath, extentOf, segmentsOfLine, summarise, unpackToolpath } from './toolpath';

/** Two runs: a rapid without a tool from line 1, a cut with tool 3 on lines 2 and 3. */
function packed(): ArrayBuffer {
  const points = [0, 0, 10, 3, 4, 10, 3, 4, 10, 3, 4, -2, 6, 8, -2];
  const lines = [1, 1, 2, 2, 3];
  const data = new ArrayBuffer(20 + 16 * 5 + 12 * 2);
  const view = new DataView(data);
  [...'NCTP'].forEach((letter, n) => view.setUint8(n, letter.charCodeAt(0)));
  view.setUint8(4, 1);
  view.setUint32(8, 5, true);
  view.setUint32(12, 2, true);
  view.setFloat32(16, 0.5, true);
  points.forEach((value, n) => view.setFloat32(20 + 4 * n, value, true));
  lines.forEach((value, n) => view.setUint32(80 + 4 * n, value, true));
  [0, 1, 0xffff_ffff, 2, 2, 3].forEach((value, n) => view.setUint32(100 + 4 * n, value, true));
  return data;
}

test('runs know their points, motion and tool', () => {
  const path = unpackToolpath(packed());
  expect(path.runs).toEqual([
    { first: 0, end: 2, motion: 'rapid', tool: null },
    { first: 2, end: 5, motion: 'cut', tool: 3 },
  ]);
  expect([path.complete, path.toleranceMm]).toEqual([true, 0.5]);
});

test('a path that was cut off says so', () => {
  const data = packed();
  new DataView(data).setUint8(5, 1);
  expect(unpackToolpath(data).complete).toBe(false);
});

test('bytes that are something else, or not all there, are refused', () => {
  expect(() => unpackToolpath(new ArrayBuffer(8))).toThrow(BadToolpath);
  expect(() => unpackToolpath(packed().slice(0, 100))).toThrow('expected 124');
});

test('lengths and depth are told by tool', () => {
  expect(summarise(unpackToolpath(packed()))).toEqual([
    { tool: null, rapidMm: 5, cutMm: 0, firstLine: 1, lowestZMm: 10 },
    { tool: 3, rapidMm: 0, cutMm: 17, firstLine: 2, lowestZMm: -2 },
  ]);
});

test('a line knows its segments, and a box holds what it is asked for', () => {
  const path = unpackToolpath(packed());
  expect(segmentsOfLine(path, 3)).toEqual([[3, 4]]);
  expect(segmentsOfLine(path, 9)).toEqual([]);
  expect(extentOf(path, path.runs.slice(1))).toEqual({ low: [3, 4, -2], high: [6, 8, 10] });
  expect(extentOf(path, [])).toBeNull();
});
