/** The shop floor as this page knows it: what was loaded, and every state change since. Pure; times are arguments. */
import type { Alarm, BoardMachine, MachineState } from '../gql/types';
import { notePart, type PartLog } from './pace';

export interface FloorMachine extends BoardMachine {
  /** Part counts seen since the page opened, for the pace. */
  readonly partLog: PartLog;
}

export type Floor = ReadonlyMap<string, FloorMachine>;

export type FloorAction =
  | { readonly type: 'loaded'; readonly machines: readonly BoardMachine[] }
  | { readonly type: 'changed'; readonly state: MachineState };

const time = (instant: string | null): number => (instant === null ? Number.NEGATIVE_INFINITY : Date.parse(instant));

/** Loads replace what is known, unless an event told something newer meanwhile. Changes keep their order by time. */
export function floorReducer(floor: Floor, action: FloorAction): Floor {
  return action.type === 'loaded' ? load(floor, action.machines) : change(floor, action.state);
}

function load(floor: Floor, machines: readonly BoardMachine[]): Floor {
  return new Map(
    machines.map((machine) => {
      const known = floor.get(machine.id);
      const newest = known !== undefined && time(known.lastSeen) > time(machine.lastSeen) ? known : machine;
      const partLog = notePart(known?.partLog ?? [], newest.partCount, time(newest.lastSeen));
      return [machine.id, { ...machine, ...changing(newest), partLog }];
    }),
  );
}

function changing(machine: BoardMachine) {
  const { execution, tileState, stateSince, lastSeen, program, tool, partCount } = machine;
  return { execution, tileState, stateSince, lastSeen, program, tool, partCount };
}

function change(floor: Floor, state: MachineState): Floor {
  const machine = floor.get(state.machineId);
  if (machine === undefined || time(state.at) < time(machine.stateSince)) return floor;
  const next: FloorMachine = {
    ...machine,
    execution: state.execution,
    tileState: state.tileState,
    stateSince: state.tileState === machine.tileState ? machine.stateSince : state.at,
    lastSeen: time(state.at) > time(machine.lastSeen) ? state.at : machine.lastSeen,
    program: state.program ?? machine.program,
    tool: state.tool ?? machine.tool,
    partCount: state.partCount ?? machine.partCount,
    partLog: notePart(machine.partLog, state.partCount, time(state.at)),
  };
  return new Map(floor).set(machine.id, next);
}

/** The standing alarm of each machine that was raised first. */
export function firstAlarms(alarms: readonly Alarm[]): ReadonlyMap<string, Alarm> {
  const first = new Map<string, Alarm>();
  for (const alarm of alarms) {
    const known = first.get(alarm.machineId);
    if (known === undefined || alarm.raisedAt < known.raisedAt) first.set(alarm.machineId, alarm);
  }
  return first;
}
