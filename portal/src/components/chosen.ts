/** Which signals a machine page shows first. */
import type { SignalInfo } from '../gql/types';

const FIRST = [
  /^s\d*\.load$/,
  /^s\d*\.rotary_velocity/,
  /path_feedrate(\.actual)?$/,
  /^s\d*\.temperature|temperature$/,
  /wattage/,
  /^[xyz]\.load$/,
  /position\.actual$/,
];
const SHOWN = 5;

/** At most five numeric signals, those that tell most about cutting first, then as the machine lists them. */
export function firstSignals(signals: readonly SignalInfo[]): string[] {
  const keys = signals.filter(({ kind }) => kind === 'number').map(({ key }) => key);
  const rank = (key: string) => {
    const at = FIRST.findIndex((pattern) => pattern.test(key));
    return at === -1 ? FIRST.length : at;
  };
  return [...keys].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}
