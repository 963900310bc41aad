/** Which machines a TV page shows: alarms stay on every page, the others take turns. */
import { byUrgency, toState } from '../../components/states';
import type { FloorMachine } from '../../floor/floor';

/** 12 tiles of 480 x 320 px can be read from 5 m on a 55-inch screen. */
export const TILES = 12;
/** Alarms never take the whole screen: the rest must keep turning. */
const MOST_PINNED = 8;

function split(machines: readonly FloorMachine[]): { pinned: FloorMachine[]; turning: FloorMachine[] } {
  const sorted = machines.toSorted((a, b) =>
    byUrgency({ state: toState(a.tileState), name: a.name }, { state: toState(b.tileState), name: b.name }),
  );
  const alarming = sorted.filter((machine) => toState(machine.tileState) === 'ALARM');
  const pinned = alarming.slice(0, MOST_PINNED);
  return { pinned, turning: sorted.filter((machine) => !pinned.includes(machine)) };
}

export function tvPages(machines: readonly FloorMachine[]): number {
  const { pinned, turning } = split(machines);
  return Math.max(1, Math.ceil(turning.length / (TILES - pinned.length)));
}

/** The tiles of one turn; turns count on for ever. */
export function tvPage(machines: readonly FloorMachine[], turn: number): FloorMachine[] {
  const { pinned, turning } = split(machines);
  const size = TILES - pinned.length;
  const page = turn % tvPages(machines);
  return [...pinned, ...turning.slice(page * size, (page + 1) * size)];
}
