/** Which signals a machine page shows first. */
import type { SignalInfo } from '../gql/types';

const FIRST = [
  /^s\d*\.load$/,
  /^s\d*\.rotary_velocity(\.actual)?$/,
  /path_feedrate(\.actual)?$/,
  /wattage$/,
  /^s\d*\.temperature$/,
  /temperature$/,
  /^[xyz]\.load$/,
  /position\.actual$/,
];
const SHOWN = 5;

/** At most five numeric signals: one of each kind that tells most about cutting, then as the machine lists them. */
export function firstSignals(signals: readonly SignalInfo[]): string[] {
  const keys = signals.filter(({ kind }) => kind === 'number').map(({ key }) => key);
  const telling = FIRST.flatMap((pattern) => keys.find((key) => pattern.test(key)) ?? []);
  return [...new Set([...telling, ...keys])].slice(0, SHOWN);
}
