import { expect, test } from 'vitest';
import { SignalRing } from './ring';

const filled = (capacity: number, samples: number) => {
  const ring = new SignalRing(['a', 'b'], capacity);
  for (let at = 1; at <= samples; at += 1) ring.append(at, (key) => (key === 'a' ? at : -at));
  return ring;
};

test.each([1, 4, 5, 8, 9, 23])('the newest samples stay, in order, after %i appends', (samples) => {
  const [times, values] = filled(4, samples).view('b');
  const kept = Math.min(4, samples);
  expect([...times]).toEqual(Array.from({ length: kept }, (_, index) => samples - kept + 1 + index));
  expect([...values]).toEqual([...times].map((time) => -time));
});

test('a time that does not rise is refused', () => {
  const ring = filled(4, 3);
  expect(ring.append(3, () => 0)).toBe(false);
  expect(ring.append(Number.NaN, () => 0)).toBe(false);
  expect(ring.length).toBe(3);
});

test('an unknown signal has no samples', () => {
  expect([...filled(4, 3).view('c')[1]]).toEqual([]);
});
