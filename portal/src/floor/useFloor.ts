import { useCallback, useEffect, useReducer, useRef } from 'react';
import { useQuery, useSubscription, type CombinedError } from 'urql';
import { Board, EVERY_MACHINE, MachineStates } from '../gql/operations';
import { useResume } from '../gql/link';
import type { Alarm } from '../gql/types';
import { floorReducer, type Floor } from './floor';

const REFETCH_MS = 60_000;
/** A state change to or from an alarm is followed by its text, which the board query carries. */
const ALARM_REFETCH_MS = 1_500;

export interface FloorView {
  readonly floor: Floor;
  readonly alarms: readonly Alarm[];
  readonly error: CombinedError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Machines and active alarms, live: events as they come, everything anew once a minute and after a broken link. */
export function useFloor(): FloorView {
  const [floor, dispatch] = useReducer(floorReducer, new Map() as Floor);
  const [{ data, error, fetching }, refetch] = useQuery({ query: Board, variables: {} });
  const reload = useCallback(() => refetch({ requestPolicy: 'network-only' }), [refetch]);

  useEffect(() => {
    if (data !== undefined) dispatch({ type: 'loaded', machines: data.machines });
  }, [data]);

  useEffect(() => {
    const timer = setInterval(reload, REFETCH_MS);
    return () => clearInterval(timer);
  }, [reload]);

  const [{ data: change }] = useSubscription({ query: MachineStates, variables: EVERY_MACHINE });
  useEffect(() => {
    if (change === undefined) return;
    dispatch({ type: 'changed', state: change.machineState });
  }, [change]);

  const alarming = [...floor.values()].filter((machine) => machine.tileState === 'ALARM').length;
  const known = useRef(0);
  useEffect(() => {
    if (known.current === alarming) return undefined;
    known.current = alarming;
    const timer = setTimeout(reload, ALARM_REFETCH_MS);
    return () => clearTimeout(timer);
    // Only a change of the number of alarming machines asks again, not every part that is counted.
  }, [alarming, reload]);

  useResume(reload);
  return { floor, alarms: data?.alarms ?? [], error, loading: fetching && data === undefined, reload };
}
