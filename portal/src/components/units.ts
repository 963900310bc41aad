/** Signs of the MTConnect units, for people. A unit without a sign is shown as it is: native units are kept. */
const SIGNS: Readonly<Record<string, string>> = {
  PERCENT: '%',
  'REVOLUTION/MINUTE': '1/min',
  MILLIMETER: 'mm',
  'MILLIMETER/SECOND': 'mm/s',
  'MILLIMETER/SECOND^2': 'mm/s²',
  DEGREE: '°',
  CELSIUS: '°C',
  WATT: 'W',
  WATT_SECOND: 'W·s',
  VOLT: 'V',
  AMPERE: 'A',
  HERTZ: 'Hz',
  SECOND: 's',
  PASCAL: 'Pa',
  NEWTON_METER: 'N·m',
  'LITER/SECOND': 'l/s',
  COUNT: '',
};

export const unitSign = (unit: string): string => SIGNS[unit] ?? unit;
