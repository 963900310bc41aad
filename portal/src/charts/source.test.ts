import { expect, test } from 'vitest';
import { newestValue, SignalSource } from './source';

const frame = (second: number, value: number | string | null) => ({
  machineId: 'm',
  at: new Date(second * 1000).toISOString(),
  columns: { load: [value] },
});

test('history first, frames after it, and a frame older than the history is dropped', () => {
  const source = new SignalSource(['load'], 100);
  source.addSeries({ timestamps: ['1970-01-01T00:00:10.000Z', '1970-01-01T00:00:11.000Z'], columns: { load: [1, null] } });
  source.addFrame(frame(9, 5));
  source.addFrame(frame(12, 7));
  expect([...source.view('load')[1]]).toEqual([1, Number.NaN, 7]);
});

test('a silence is a gap and not a line through it', () => {
  const source = new SignalSource(['load'], 100);
  source.addFrame(frame(10, 1));
  source.addFrame(frame(60, 2));
  expect([...source.view('load')[0]].slice(-2)).toEqual([59, 60]);
  expect([...source.view('load')[1]].slice(-2)).toEqual([Number.NaN, 2]);
});

test('stored rows close the gap before the first frame, and frames after them stay', () => {
  const source = new SignalSource(['load'], 100);
  const series = (...values: (number | null)[]) => ({
    timestamps: values.map((_, row) => new Date((10 + row) * 1000).toISOString()),
    columns: { load: values },
  });
  source.addSeries(series(1, null, null));
  source.addFrame(frame(20.5, 5));
  source.addFrame(frame(21.5, 6));
  source.addSeries(series(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, null, null));
  expect([...source.view('load')[0]]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20.5, 21.5]);
  expect([...source.view('load')[1]].slice(-3)).toEqual([4, 5, 6]);
});

test('a measured zero is a value; missing and text are not', () => {
  expect(newestValue(new Float64Array([4, 0, Number.NaN]))).toBe(0);
  expect(newestValue(new Float64Array([Number.NaN]))).toBeNull();
});

test('whoever draws is told of new samples until it stops listening', () => {
  const source = new SignalSource(['load'], 100);
  let told = 0;
  const stop = source.subscribe(() => {
    told += 1;
  });
  source.addFrame(frame(1, 1));
  stop();
  source.addFrame(frame(2, 1));
  expect(told).toBe(1);
});
