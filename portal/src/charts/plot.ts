/** uPlot, set up for one signal over time. */
import uPlot from 'uplot';
import { inUnit } from '../components/units';
import { axisRange } from './axis';

export interface PlotLook {
  readonly line: string;
  readonly grid: string;
  readonly text: string;
  readonly font: string;
}

export interface PlotSetup {
  readonly width: number;
  readonly height: number;
  readonly look: PlotLook;
  readonly locale: string;
  readonly timeZone: string;
  /** Charts with the same key move their crosshairs together. */
  readonly sync: string;
  readonly withTimes: boolean;
  readonly unit: string;
  /** Sizes are multiplied with this. */
  readonly scale: number;
}

const AXIS_WIDTH_PX = 52;
const TIME_AXIS_PX = 26;
/** An axis without values is drawn without numbers. */
const NO_VALUES: [number, number] = [0, 1];

/** A line that breaks at NaN: typed arrays hold no null. */
const brokenLine: uPlot.Series.PathBuilder = (plot, series, from, to) => {
  const stroke = new Path2D();
  const times = plot.data[0];
  const values = plot.data[series] ?? [];
  let drawing = false;
  for (let at = from; at <= to; at += 1) {
    const value = values[at];
    if (value == null || Number.isNaN(value)) {
      drawing = false;
      continue;
    }
    const x = plot.valToPos(times[at] ?? 0, 'x', true);
    const y = plot.valToPos(value, 'y', true);
    if (drawing) stroke.lineTo(x, y);
    else stroke.moveTo(x, y);
    drawing = true;
  }
  return { stroke };
};

/** uPlot's own search stops at NaN; this one looks at every sample in sight. */
function inSight(plot: uPlot): readonly [number, number] {
  return extent(plot.data[0], plot.data[1] ?? [], plot.scales['x']?.min ?? Number.NEGATIVE_INFINITY);
}

/** Least and greatest value since `fromS`; least is above greatest when there is none. */
export function extent(times: ArrayLike<number>, values: ArrayLike<number | null | undefined>, fromS: number) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = times.length - 1; at >= 0 && (times[at] ?? 0) >= fromS; at -= 1) {
    const value = values[at] ?? Number.NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high] as const;
}

export function plotOptions(setup: PlotSetup): uPlot.Options {
  const { look, locale, timeZone, scale } = setup;
  const axis = { stroke: look.text, font: look.font, grid: { stroke: look.grid, width: 1 }, ticks: { show: false } };
  return {
    width: setup.width,
    height: setup.height,
    pxAlign: 1,
    legend: { show: false },
    padding: [8, 4, setup.withTimes ? 0 : 6, 0],
    cursor: { drag: { x: false, y: false }, points: { size: 7 }, sync: { key: setup.sync }, y: false },
    scales: { x: { time: true }, y: { range: (plot) => axisRange(...inSight(plot), setup.unit) ?? NO_VALUES } },
    tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), timeZone),
    axes: [
      {
        ...axis,
        size: setup.withTimes ? TIME_AXIS_PX * scale : 0,
        space: 72 * scale,
        values: (_plot, splits, _axis, _space, step) => splits.map((split) => clock(split, step, locale, timeZone)),
      },
      {
        ...axis,
        size: AXIS_WIDTH_PX * scale,
        space: 28 * scale,
        values: (plot, splits) => {
          const [low, high] = inSight(plot);
          if (!(low <= high)) return splits.map(() => '');
          return labels(splits.map((split) => inUnit(split, setup.unit)), locale);
        },
      },
    ],
    series: [{}, { stroke: look.line, width: 1.5, points: { show: false }, paths: brokenLine }],
  };
}

/** As few digits as tell the marks of an axis apart. */
export function labels(marks: readonly number[], locale: string): string[] {
  const step = Math.abs((marks[1] ?? 1) - (marks[0] ?? 0)) || 1;
  const greatest = Math.max(...marks.map(Math.abs), step);
  const maximumSignificantDigits = Math.min(8, Math.ceil(Math.log10(greatest / step)) + 2);
  const number = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits });
  return marks.map((mark) => number.format(mark));
}

function clock(timeS: number, stepS: number, locale: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(stepS < 60 ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
    timeZone,
  }).format(timeS * 1000);
}
