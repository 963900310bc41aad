import { expect, test } from 'vitest';
import { judgedAtMs, lossesOf, onRecordPercent, settledMs, unobservedMs, verdict } from './record';

test('one row of a million missing is not 100 %', () => {
  expect(onRecordPercent({ stored: 999_999, produced: 1_000_000 }, 0, 1000)).toBe(99.99);
  expect(onRecordPercent({ stored: 1_000_000, produced: 1_000_000 }, 0, 1000)).toBe(100);
});

test('percent is cut, not rounded up', () => {
  expect(onRecordPercent({ stored: 3_588, produced: 3_600 }, 0, 1000)).toBe(99.66);
});

test('a second without a row is not 100 % though every row is stored', () => {
  expect(onRecordPercent({ stored: 9, produced: 9 }, 1_000, 8 * 3_600_000)).toBe(99.99);
  expect(onRecordPercent({ stored: 9, produced: 9 }, 1_000, 1_000)).toBe(0);
});

test('stretches that overlap, or reach beyond the period, count once and inside', () => {
  const span = (from: number, to: number) => ({ source: 'd', why: 'x', from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  expect(unobservedMs([span(10, 30), span(20, 40), span(0, 5), span(90, 200)], 5, 100)).toBe(40);
  expect(unobservedMs([span(0, 50), span(10, 20)], 0, 100)).toBe(50);
});

test('both ledgers are one list, the newest first', () => {
  const gap = { source: 'd', firstSeq: 5, lastSeq: 7, reason: 'disk_full', from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:03Z' };
  const unseen = { source: 'd', why: 'not_running', from: '2026-01-01T00:01:00Z', to: '2026-01-01T00:02:00Z' };
  expect(lossesOf({ gaps: [gap], unobserved: [unseen] }).map(({ why, rows }) => [why, rows])).toEqual([
    ['not_running', null],
    ['disk_full', 3],
  ]);
});

test.each([
  [{ produced: 0, missing: 0, declaredGaps: 0 }, 'nothing'],
  [{ produced: 9, missing: 1, declaredGaps: 3 }, 'missing'],
  [{ produced: 9, missing: 0, declaredGaps: 3 }, 'declared'],
  [{ produced: 9, missing: 0, declaredGaps: 0 }, 'whole'],
] as const)('%j is %s', (counts, expected) => {
  expect(verdict(counts)).toBe(expected);
});

test('time without a row is a verdict of its own', () => {
  expect(verdict({ produced: 9, missing: 0, declaredGaps: 0 }, 1)).toBe('unobserved');
});

const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
const minutes = (ms: number) => ms / 60_000;

test('the newest three minutes are not judged yet', () => {
  expect(minutes(settledMs(100.5 * 60_000, at(100)))).toBe(97);
  expect(minutes(settledMs(100.5 * 60_000, null))).toBe(97);
});

test('of a machine that is silent for longer than an hour its own last hour is counted', () => {
  expect(minutes(settledMs(600 * 60_000, at(100)))).toBe(97);
});

test('rows that have just begun are judged soon; rows that ended before are not waited for', () => {
  expect(minutes(judgedAtMs(97 * 60_000, at(98)) ?? 0)).toBe(102);
  const begun = [{ from: at(99) }, { from: at(97) }, { from: at(40) }];
  expect(minutes(judgedAtMs(97 * 60_000, at(100), begun) ?? 0)).toBe(101);
  expect(judgedAtMs(97 * 60_000, at(96))).toBeNull();
  expect(judgedAtMs(97 * 60_000, null)).toBeNull();
});
