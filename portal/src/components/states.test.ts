import { expect, test } from 'vitest';
import { attention, byUrgency, executionState, IDLE_ATTENTION_MS, toState } from './states';

test('a state that this build does not know is «no data», never fine', () => {
  expect(toState('TURBO')).toBe('OFFLINE');
  expect(executionState('TURBO')).toBe('OFFLINE');
});

test('only an alarm or a long idle fills a tile', () => {
  expect(attention('ALARM', 0)).toBe('act');
  expect(attention('IDLE', IDLE_ATTENTION_MS + 1)).toBe('act');
  expect(attention('IDLE', IDLE_ATTENTION_MS)).toBe('none');
  expect(attention('IDLE', null)).toBe('none');
  expect(attention('SETUP', 9e9)).toBe('watch');
  expect(attention('ACTIVE', 9e9)).toBe('none');
});

test('alarms come first, and names in their natural order', () => {
  const names = [
    { state: 'ACTIVE', name: 'Mill 10' },
    { state: 'ACTIVE', name: 'Mill 2' },
    { state: 'ALARM', name: 'Mill 11' },
  ] as const;
  expect([...names].sort(byUrgency).map(({ name }) => name)).toEqual(['Mill 11', 'Mill 2', 'Mill 10']);
});
