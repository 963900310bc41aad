import { expect, test } from 'vitest';
import { firstSignals } from './chosen';

const signal = (key: string, kind = 'number') => ({ key, kind, unit: '' });

test('spindle and feed come first, texts never', () => {
  const signals = [
    signal('controller.mode', 'text'),
    signal('x.position.actual'),
    signal('path1.path_feedrate.actual'),
    signal('s1.load'),
  ];
  expect(firstSignals(signals)).toEqual(['s1.load', 'path1.path_feedrate.actual', 'x.position.actual']);
});

test('an override or a second axis does not push out another kind of signal', () => {
  const keys = ['s1.rotary_velocity.override', 's1.rotary_velocity.actual', 's1.load', 'x.temperature', 'electric.wattage'];
  expect(firstSignals(keys.map((key) => signal(key))).slice(0, 4)).toEqual([
    's1.load',
    's1.rotary_velocity.actual',
    'electric.wattage',
    'x.temperature',
  ]);
});

test('never more than five', () => {
  expect(firstSignals(Array.from({ length: 30 }, (_, index) => signal(`x_extra.${index}`)))).toHaveLength(5);
});
