import { useMemo, useState } from 'react';
import { useSubscription } from 'urql';
import { unitOfType } from '../../components/units';
import { LiveSignals } from '../../gql/operations';
import type { LiveFrame, MachineDetail, SignalInfo } from '../../gql/types';

/**
 * Numeric signals of the machine. Its schema comes with the first stored minute; a machine that has just been
 * connected sends live values before that, and those tell the names; the units follow from the types.
 */
export function useKnownSignals(machine: MachineDetail): readonly SignalInfo[] {
  const stored = machine.signals.length > 0;
  const [told, setTold] = useState<readonly string[]>([]);
  const [{ data }] = useSubscription({ query: LiveSignals, variables: { machineId: machine.id }, pause: stored });
  // Each source of the machine sends frames of its own: names add up.
  const fresh = data === undefined ? [] : numeric(data.liveSignals).filter((key) => !told.includes(key));
  if (fresh.length > 0) setTold([...told, ...fresh]);
  return useMemo(() => {
    if (stored) return machine.signals.filter(({ kind }) => kind === 'number');
    return told.map((key) => ({ key, unit: unitOfType(key), kind: 'number' }));
  }, [stored, machine.signals, told]);
}

const numeric = ({ columns }: LiveFrame): string[] =>
  Object.keys(columns).filter((key) => typeof columns[key]?.[0] === 'number');
