import { expect, test } from 'vitest';
import type { FloorMachine } from '../../floor/floor';
import { TILES, tvPage, tvPages } from './paging';

const machines = (count: number, alarms: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    name: `M ${index}`,
    tileState: index < alarms ? 'ALARM' : 'ACTIVE',
  })) as FloorMachine[];

test('every machine is shown within one round', () => {
  const all = machines(30, 3);
  const shown = new Set(Array.from({ length: tvPages(all) }, (_, turn) => tvPage(all, turn)).flat());
  expect(shown.size).toBe(30);
});

test('alarms stand first on every page', () => {
  const all = machines(30, 3);
  for (let turn = 0; turn < tvPages(all); turn += 1) {
    expect(tvPage(all, turn).slice(0, 3).map(({ tileState }) => tileState)).toEqual(['ALARM', 'ALARM', 'ALARM']);
  }
});

test('a page never has more tiles than can be read, even when everything alarms', () => {
  const all = machines(40, 40);
  expect(tvPage(all, 0)).toHaveLength(TILES);
  expect(tvPage(all, 1).map(({ name }) => name)).not.toEqual(tvPage(all, 0).map(({ name }) => name));
});

test('turns go round', () => {
  const all = machines(13, 0);
  expect(tvPages(all)).toBe(2);
  expect(tvPage(all, 2)).toEqual(tvPage(all, 0));
});
