import { expect, test } from 'vitest';
import type { BoardMachine, MachineState } from '../gql/types';
import { firstAlarms, floorReducer, type Floor } from './floor';

const EMPTY: Floor = new Map();
const at = (second: number) => new Date(second * 1000).toISOString();

const machine = (changes: Partial<BoardMachine> = {}): BoardMachine => ({
  id: 'm',
  name: 'Mill 01',
  kind: 'mill',
  cell: 'A',
  simulated: true,
  site: { id: 's', name: 'S', timeZone: 'UTC' },
  execution: 'ACTIVE',
  tileState: 'ACTIVE',
  stateSince: at(10),
  lastSeen: at(20),
  program: 'O1',
  tool: 1,
  partCount: 4,
  partTarget: 9,
  ...changes,
});

const change = (changes: Partial<MachineState> = {}): MachineState => ({
  machineId: 'm',
  execution: 'STOPPED',
  tileState: 'ALARM',
  at: at(30),
  program: null,
  partCount: null,
  tool: null,
  ...changes,
});

const after = (...steps: (BoardMachine | MachineState)[]) =>
  steps
    .reduce<Floor>(
      (floor, step) =>
        floorReducer(floor, 'machineId' in step ? { type: 'changed', state: step } : { type: 'loaded', machines: [step] }),
      EMPTY,
    )
    .get('m');

test('a change shows at once, with the time it happened', () => {
  expect(after(machine(), change())).toMatchObject({ tileState: 'ALARM', stateSince: at(30), lastSeen: at(30) });
});

test('what an event does not tell stays as it was', () => {
  expect(after(machine(), change())).toMatchObject({ program: 'O1', tool: 1, partCount: 4, partTarget: 9 });
});

test('a part counted in the same state does not restart the clock of the state', () => {
  expect(after(machine(), change({ tileState: 'ACTIVE', partCount: 5 }))).toMatchObject({ stateSince: at(10), partCount: 5 });
});

test('an event that comes late does not undo a newer one', () => {
  expect(after(machine(), change({ at: at(40) }), change({ tileState: 'IDLE', at: at(35) }))?.tileState).toBe('ALARM');
});

test('a load that is older than an event does not undo it; a newer one wins', () => {
  expect(after(machine(), change({ at: at(40) }), machine({ lastSeen: at(30) }))?.tileState).toBe('ALARM');
  expect(after(machine(), change({ at: at(40) }), machine({ lastSeen: at(50) }))?.tileState).toBe('ACTIVE');
});

test('a machine that is gone from a load is gone from the floor', () => {
  const floor = floorReducer(EMPTY, { type: 'loaded', machines: [machine()] });
  expect(floorReducer(floor, { type: 'loaded', machines: [] }).size).toBe(0);
});

test('an event of an unknown machine changes nothing', () => {
  expect(floorReducer(EMPTY, { type: 'changed', state: change() })).toBe(EMPTY);
});

test('a tile tells the alarm that was raised first', () => {
  const alarm = { machineId: 'm', number: '1', type: 'SERVO', text: '', axis: null, active: true, clearedAt: null };
  const first = firstAlarms([
    { ...alarm, id: 'a2', raisedAt: at(9) },
    { ...alarm, id: 'a1', raisedAt: at(5) },
  ]);
  expect(first.get('m')?.id).toBe('a1');
});
