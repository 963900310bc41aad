/**
 * The documents of graphql/operations with the types of their answers.
 * The texts are sent exactly as they stand in those files: the API lets people send known documents only.
 */
import alarmsText from '@operations/alarms.graphql?raw';
import boardText from '@operations/board.graphql?raw';
import gatewaysText from '@operations/gateways.graphql?raw';
import liveSignalsText from '@operations/live_signals.graphql?raw';
import machinePageText from '@operations/machine_page.graphql?raw';
import machineRecordText from '@operations/machine_record.graphql?raw';
import machineStatesText from '@operations/machine_states.graphql?raw';
import seriesText from '@operations/series.graphql?raw';
import viewerText from '@operations/viewer.graphql?raw';
import watchMachineText from '@operations/watch_machine.graphql?raw';
import { gql, type TypedDocumentNode } from '@urql/core';
import type {
  Alarm,
  BoardMachine,
  Completeness,
  Gateway,
  LiveFrame,
  MachineDetail,
  MachineState,
  NamedMachine,
  Series,
  Site,
  StateInterval,
  ViewerFacts,
} from './types';

const texts = new Map<string, string>();

function known<Data, Variables extends object>(text: string): TypedDocumentNode<Data, Variables> {
  const name = /^(?:query|mutation|subscription) (\w+)/.exec(text)?.[1];
  if (name === undefined) throw new Error(`An operation file has no name: ${text.slice(0, 40)}`);
  texts.set(name, text);
  return gql<Data, Variables>(text);
}

/** The text of an operation as its file holds it. */
export function operationText(name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`"${name}" is no operation of graphql/operations.`);
  return text;
}

type None = Record<string, never>;

export const Viewer = known<{ viewer: ViewerFacts; sites: Site[] }, None>(viewerText);
export const Board = known<{ machines: BoardMachine[]; alarms: Alarm[] }, None>(boardText);
export const MachinePage = known<{ machine: MachineDetail | null }, { id: string }>(machinePageText);
export const MachineRecord = known<
  { machine: { id: string; completeness: Completeness; stateTimeline: StateInterval[] } | null },
  { id: string; hourFrom: string; hourTo: string; dayFrom: string; dayTo: string }
>(machineRecordText);
export const SeriesOf = known<
  { series: Series },
  { machineId: string; signals: string[]; from: string; to: string; resolutionS: number }
>(seriesText);
export const Alarms = known<{ alarms: Alarm[]; machines: NamedMachine[] }, { active: boolean | null }>(alarmsText);
export const Gateways = known<{ gateways: Gateway[] }, None>(gatewaysText);
export const WatchMachine = known<{ watchMachine: string }, { id: string }>(watchMachineText);
export const MachineStates = known<{ machineState: MachineState }, { machineIds: string[] | null }>(machineStatesText);
export const LiveSignals = known<{ liveSignals: LiveFrame }, { machineId: string }>(liveSignalsText);

/** One object for all who listen to the whole shop, so that they share one stream. */
export const EVERY_MACHINE: { machineIds: string[] | null } = { machineIds: null };
