import { useCallback, useEffect, useReducer } from 'react';
import { useQuery, useSubscription, type CombinedError } from 'urql';
import { floorReducer, type Floor } from '../../floor/floor';
import { useResume } from '../../gql/link';
import { MachinePage, MachineStates } from '../../gql/operations';
import type { MachineDetail } from '../../gql/types';

const REFETCH_MS = 15_000;

export interface MachineView {
  /** null: there is no such machine; undefined: not known yet. */
  readonly machine: MachineDetail | null | undefined;
  readonly error: CombinedError | undefined;
  readonly reload: () => void;
}

/** One machine, renewed while the page is visible, with state changes as they come. */
export function useMachine(id: string): MachineView {
  const [{ data, error }, refetch] = useQuery({ query: MachinePage, variables: { id } });
  const reload = useCallback(() => refetch({ requestPolicy: 'network-only' }), [refetch]);
  useResume(reload);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFETCH_MS);
    return () => clearInterval(timer);
  }, [reload]);

  const [floor, dispatch] = useReducer(floorReducer, new Map() as Floor);
  const loaded = data?.machine ?? null;
  useEffect(() => {
    if (loaded !== null) dispatch({ type: 'loaded', machines: [loaded] });
  }, [loaded]);
  const [{ data: change }] = useSubscription({ query: MachineStates, variables: { machineIds: [id] } });
  useEffect(() => {
    if (change !== undefined) dispatch({ type: 'changed', state: change.machineState });
  }, [change]);

  if (data === undefined) return { machine: undefined, error, reload };
  return { machine: loaded === null ? null : { ...loaded, ...floor.get(id) }, error, reload };
}
