import { useQuery } from 'urql';
import { Board } from '../gql/operations';
import type { BoardMachine } from '../gql/types';

const NONE = {};
const NOBODY: readonly BoardMachine[] = [];

/** Machines as the board has them, for pages that need their names. */
export function useMachineRows(): readonly BoardMachine[] {
  const [{ data }] = useQuery({ query: Board, variables: NONE, requestPolicy: 'cache-first' });
  return data?.machines ?? NOBODY;
}

export const useMachineRow = (id: string): BoardMachine | undefined => useMachineRows().find((one) => one.id === id);
