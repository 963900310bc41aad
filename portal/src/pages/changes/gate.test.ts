import { expect, test } from 'vitest';
import { permissionsOf } from '../../app/permissions';
import type { Change, ChangeState } from '../../rest/types';
import { orderSecondsLeft, possible, stepsOf, toneOf, type Person } from './gate';

const AT = '2026-11-24T10:00:00.000Z';
const NOW = Date.parse('2026-11-24T11:00:00.000Z');
const change = (state: ChangeState, more: Partial<Change> = {}): Change => ({
  id: 'c_1',
  machineId: 'm_1',
  operation: 'program',
  target: { path: 1, folder: '', name: 'O1' },
  state,
  reason: 'why',
  author: 'u_author',
  createdAt: AT,
  sha256: 'a',
  presentSha256: '',
  findings: [],
  dryRun: null,
  readBy: '',
  approvals: [],
  orderedBy: '',
  orderedAt: null,
  endedAt: null,
  outcome: null,
  ...more,
});
const person = (id: string, ...roles: string[]): Person => ({ id, may: (permission) => permissionsOf(roles).includes(permission) });
const next = (found: Change, who: Person, stopped = false) => possible(found, who, NOW, stopped)[0];
const once = { approvals: [{ by: 'u_first', at: AT }] };
const twice = { approvals: [{ by: 'u_first', at: AT }, { by: 'u_second', at: AT }] };

test('an operator may read the dry run but not approve', () => {
  expect(next(change('checked'), person('u_x', 'operator'))).toMatchObject({ act: 'readDryRun', why: null });
  expect(next(change('dry_run'), person('u_x', 'operator'))?.why).toMatchObject({ key: 'role' });
});

test('the author may approve first, never second', () => {
  expect(next(change('dry_run'), person('u_author', 'owner'))).toMatchObject({ why: null, code: false });
  expect(next(change('approved_once', once), person('u_author', 'owner'))?.why).toEqual({ key: 'author' });
});

test('the second approver is another person than the first, and shows a code', () => {
  expect(next(change('approved_once', once), person('u_first', 'owner'))?.why).toEqual({ key: 'approvedFirst' });
  expect(next(change('approved_once', once), person('u_other', 'quality'))).toMatchObject({ why: null, code: true });
});

test('maintenance answers for values, not for programs', () => {
  const maintenance = person('u_m', 'maintenance');
  expect(next(change('dry_run'), maintenance)?.why).toMatchObject({ key: 'role' });
  expect(next(change('dry_run', { operation: 'offset' }), maintenance)?.why).toBeNull();
  expect(next(change('approved', { ...twice, operation: 'macro' }), maintenance)?.why).toBeNull();
});

test('quality approves programs and does not order them', () => {
  expect(next(change('approved', twice), person('u_q', 'quality'))?.why).toMatchObject({ key: 'role' });
  expect(next(change('approved', twice), person('u_s', 'supervisor'))?.why).toBeNull();
});

test('approvals of yesterday and stopped writing keep an order back', () => {
  const old = { approvals: twice.approvals.map(({ by }) => ({ by, at: '2026-11-23T10:00:00.000Z' })) };
  expect(next(change('approved', old), person('u_s', 'supervisor'))?.why).toEqual({ key: 'stale' });
  expect(next(change('approved', twice), person('u_s', 'supervisor'), true)?.why).toEqual({ key: 'stopped' });
});

test('what was refused or not answered may be ordered again, what is over may not', () => {
  for (const state of ['refused', 'expired'] as const) {
    expect(next(change(state, twice), person('u_s', 'supervisor'))).toMatchObject({ act: 'order', why: null });
  }
  for (const state of ['released', 'restored', 'locked', 'withdrawn', 'ordered'] as const) {
    expect(possible(change(state, twice), person('u_author', 'owner'), NOW, false)).toEqual([]);
  }
});

test('the author withdraws, and so does who may approve; nobody else', () => {
  const withdraw = (who: Person) => possible(change('checked'), who, NOW, false).find(({ act }) => act === 'withdraw')?.why;
  expect(withdraw(person('u_author', 'operator'))).toBeNull();
  expect(withdraw(person('u_x', 'quality'))).toBeNull();
  expect(withdraw(person('u_x', 'operator'))).toMatchObject({ key: 'role' });
});

test('an order lives for a minute', () => {
  expect(orderSecondsLeft(AT, Date.parse(AT))).toBe(60);
  expect(orderSecondsLeft(AT, Date.parse(AT) + 59_100)).toBe(1);
  expect(orderSecondsLeft(AT, Date.parse(AT) + 90_000)).toBe(0);
});

test('the steps say who and when, and where it stands', () => {
  const states = (found: Change) => stepsOf(found).map(({ state }) => state);
  expect(states(change('approved_once', once))).toEqual(['done', 'done', 'done', 'done', 'now', 'later', 'later']);
  expect(states(change('refused', twice))).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'failed']);
  expect(states(change('released', twice))).toEqual(Array(7).fill('done'));
  expect(states(change('withdrawn', { readBy: 'u_x' })).filter((state) => state !== 'done')).toEqual(Array(4).fill('later'));
  expect(stepsOf(change('approved_once', once))[3]).toMatchObject({ by: 'u_first', at: AT });
});

test('a check with errors fails at the check', () => {
  const failed = { findings: [{ severity: 'error', code: 'word.unknown', line: 1, seen: '', expected: '' }] } as const;
  expect(stepsOf(change('draft', { findings: [...failed.findings] }))[1]?.state).toBe('failed');
});

test('only what was released is good', () => {
  expect([toneOf('released'), toneOf('locked'), toneOf('withdrawn'), toneOf('ordered')]).toEqual(['good', 'bad', 'quiet', 'open']);
});
