/**
 * What a person may do with a change now, and if not, why: the rules of cnc.domain.programs.change, for telling.
 * The API decides; this only says so before the button is pressed.
 */
import { rolesWith, type Permission } from '../../app/permissions';
import type { Change, ChangeState, Operation } from '../../rest/types';

export type Act = 'readDryRun' | 'approve' | 'order' | 'withdraw';

export interface Person {
  readonly id: string;
  readonly may: (permission: Permission) => boolean;
}

export type Why =
  | { readonly key: 'role'; readonly roles: readonly string[] }
  | { readonly key: 'approvedFirst' | 'author' | 'stale' | 'stopped' };

export interface Possible {
  readonly act: Act;
  /** null: this person may. */
  readonly why: Why | null;
  /** The second approval shows a second factor. */
  readonly code: boolean;
}

const APPROVAL_MS = 24 * 3_600_000;

/** Programs and values of a control are answered for by different people. */
const toApprove = (operation: Operation): Permission => (operation === 'program' ? 'program.approve' : 'value.approve');
const toOrder = (operation: Operation): Permission => (operation === 'program' ? 'program.order' : 'value.order');

const NEXT: Readonly<Partial<Record<ChangeState, Exclude<Act, 'withdraw'>>>> = {
  checked: 'readDryRun',
  dry_run: 'approve',
  approved_once: 'approve',
  approved: 'order',
  refused: 'order',
  expired: 'order',
};
const WITHDRAWABLE: readonly ChangeState[] = [
  'draft',
  'checked',
  'dry_run',
  'approved_once',
  'approved',
  'refused',
  'expired',
];

/** The next step and the way out, in this order; neither when nothing is left to do. */
export function possible(change: Change, who: Person, nowMs: number, stopped: boolean): Possible[] {
  const next = NEXT[change.state];
  const found: Possible[] = [];
  if (next !== undefined) {
    found.push({ act: next, why: whyNot(next, change, who, nowMs, stopped), code: change.state === 'approved_once' });
  }
  if (WITHDRAWABLE.includes(change.state)) {
    const needed = toApprove(change.operation);
    const may = change.author === who.id || who.may(needed);
    found.push({ act: 'withdraw', why: may ? null : { key: 'role', roles: rolesWith(needed) }, code: false });
  }
  return found;
}

function whyNot(act: Exclude<Act, 'withdraw'>, change: Change, who: Person, nowMs: number, stopped: boolean): Why | null {
  const needed = { readDryRun: 'program.draft', approve: toApprove(change.operation), order: toOrder(change.operation) } as const;
  if (!who.may(needed[act])) return { key: 'role', roles: rolesWith(needed[act]) };
  if (act === 'approve' && change.state === 'approved_once') {
    if (change.approvals[0]?.by === who.id) return { key: 'approvedFirst' };
    if (change.author === who.id) return { key: 'author' };
  }
  if (act === 'order') {
    const oldest = Math.min(...change.approvals.map(({ at }) => Date.parse(at)));
    if (nowMs - oldest > APPROVAL_MS) return { key: 'stale' };
    if (stopped) return { key: 'stopped' };
  }
  return null;
}

export const OPEN: readonly ChangeState[] = [...WITHDRAWABLE, 'ordered'];

export type Tone = 'open' | 'good' | 'bad' | 'quiet';

export function toneOf(state: ChangeState): Tone {
  if (state === 'released') return 'good';
  if (state === 'refused' || state === 'locked' || state === 'restored' || state === 'expired') return 'bad';
  return state === 'withdrawn' ? 'quiet' : 'open';
}

const ORDER_LIFE_MS = 60_000;

/** Seconds until an order dies; the gateway takes none after that. */
export const orderSecondsLeft = (orderedAt: string, nowMs: number): number =>
  Math.max(0, Math.ceil((Date.parse(orderedAt) + ORDER_LIFE_MS - nowMs) / 1000));

export interface Step {
  readonly key: 'drafted' | 'checked' | 'read' | 'approvedOnce' | 'approved' | 'ordered' | 'ended';
  readonly state: 'done' | 'now' | 'later' | 'failed';
  readonly by: string;
  readonly at: string | null;
}

const REACHED: Readonly<Record<ChangeState, number>> = {
  draft: 1,
  checked: 2,
  dry_run: 3,
  approved_once: 4,
  approved: 5,
  ordered: 6,
  refused: 6,
  expired: 6,
  restored: 6,
  locked: 6,
  released: 7,
  withdrawn: 0,
};

/** The way through the gate with who and when. */
export function stepsOf(change: Change): Step[] {
  const [first, second] = change.approvals;
  const rows: Omit<Step, 'state'>[] = [
    { key: 'drafted', by: change.author, at: change.createdAt },
    { key: 'checked', by: '', at: null },
    { key: 'read', by: change.readBy, at: null },
    { key: 'approvedOnce', by: first?.by ?? '', at: first?.at ?? null },
    { key: 'approved', by: second?.by ?? '', at: second?.at ?? null },
    { key: 'ordered', by: change.orderedBy, at: change.orderedAt },
    { key: 'ended', by: '', at: change.endedAt },
  ];
  const failed = toneOf(change.state) === 'bad';
  const checkFailed = change.state === 'draft' && change.findings.some(({ severity }) => severity === 'error');
  const withdrawn = change.state === 'withdrawn';
  // A withdrawn change stands where its last signature is.
  const reached = withdrawn ? 1 + rows.findLastIndex(({ by }) => by !== '') : REACHED[change.state];
  return rows.map((row, index) => ({ ...row, state: stateAt(index, reached, failed || checkFailed, withdrawn) }));
}

function stateAt(index: number, reached: number, failed: boolean, ended: boolean): Step['state'] {
  if (index < reached) return 'done';
  if (index > reached || ended) return 'later';
  return failed ? 'failed' : 'now';
}
