import { expect, test } from 'vitest';
import { axisRange } from './axis';

test('a share is drawn from 0 to 100 %, a dial beyond it as far as it goes', () => {
  expect(axisRange(0, 0, 'PERCENT')).toEqual([0, 100]);
  expect(axisRange(42, 43, 'PERCENT')).toEqual([0, 100]);
  expect(axisRange(0, 150, 'PERCENT')?.[1]).toBeGreaterThanOrEqual(150);
});

test('a constant signal lies in the middle of an axis of sensible length', () => {
  expect(axisRange(40, 40, 'CELSIUS')).toEqual([30, 50]);
  expect(axisRange(-300, -300, 'MILLIMETER')).toEqual([-300.5, -299.5]);
});

test('what moves fills its axis', () => {
  const [low, high] = axisRange(-100, 100, 'MILLIMETER') ?? [0, 0];
  expect([Math.round(low), Math.round(high)]).toEqual([-116, 116]);
  expect(axisRange(0, 8_000, 'REVOLUTION/MINUTE')?.[0]).toBe(0);
});

test('what is never negative has no axis below zero', () => {
  expect(axisRange(3, 3, 'CELSIUS')).toEqual([0, 20]);
  expect(axisRange(-2, 3, 'WATT')?.[0]).toBeLessThan(-2);
});

test('no value has no axis', () => {
  expect(axisRange(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'PERCENT')).toBeNull();
});
