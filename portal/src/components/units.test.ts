import { expect, test } from 'vitest';
import { inUnit, unitOfType } from './units';

test.each([
  ['s1.load', 'PERCENT'],
  ['path1.path_feedrate.rapid_override', 'PERCENT'],
  ['s1.rotary_velocity.actual', 'REVOLUTION/MINUTE'],
  ['s1.rotary_velocity.override', 'PERCENT'],
  ['x.temperature', 'CELSIUS'],
  ['path1.line', ''],
])('%s is in %s', (key, unit) => {
  expect(unitOfType(key)).toBe(unit);
});

test('energy is told in kWh, anything else as it is', () => {
  expect(inUnit(7_200_000, 'WATT_SECOND')).toBeCloseTo(2);
  expect(inUnit(7, 'AMPERE')).toBe(7);
});
