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

test('never more than five', () => {
  expect(firstSignals(Array.from({ length: 30 }, (_, index) => signal(`x_extra.${index}`)))).toHaveLength(5);
});
