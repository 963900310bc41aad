/** MTConnect units, for people. A unit without a sign is shown as it is: native units are kept. */
const SIGNS: Readonly<Record<string, string>> = {
  PERCENT: '%',
  'REVOLUTION/MINUTE': '1/min',
  MILLIMETER: 'mm',
  'MILLIMETER/SECOND': 'mm/s',
  'MILLIMETER/SECOND^2': 'mm/s²',
  DEGREE: '°',
  CELSIUS: '°C',
  WATT: 'W',
  WATT_SECOND: 'kWh',
  VOLT: 'V',
  AMPERE: 'A',
  HERTZ: 'Hz',
  SECOND: 's',
  PASCAL: 'Pa',
  NEWTON_METER: 'N·m',
  'LITER/SECOND': 'l/s',
  COUNT: '',
};

/** Counters that run for years are told in the unit of the meter beside them. */
const FACTORS: Readonly<Record<string, number>> = { WATT_SECOND: 1 / 3_600_000 };

export const inUnit = (value: number, unit: string): number => value * (FACTORS[unit] ?? 1);

export const unitSign = (unit: string): string => SIGNS[unit] ?? unit;

/** The unit that MTConnect fixes for a type, for signals whose schema is not known yet. */
const BY_TYPE: readonly (readonly [RegExp, string])[] = [
  [/(\.|_)(load|override|power_factor)$/, 'PERCENT'],
  [/\.rotary_velocity\.\w+$/, 'REVOLUTION/MINUTE'],
  [/\.path_feedrate\.\w+$/, 'MILLIMETER/SECOND'],
  [/\.temperature$/, 'CELSIUS'],
  [/\.position\.\w+$/, 'MILLIMETER'],
  [/\.angle\.\w+$/, 'DEGREE'],
  [/\.wattage$/, 'WATT'],
];

export const unitOfType = (key: string): string => BY_TYPE.find(([type]) => type.test(key))?.[1] ?? '';
