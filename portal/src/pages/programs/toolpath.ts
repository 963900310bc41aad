/**
 * The packed path of the tool (cnc.domain.gcode.toolpath):
 *
 *   "NCTP", version 1, flags 1, 2 unused, points 4, runs 4, tolerance f32;
 *   then of all points x y z (f32), of all points the line (u32), of all runs first point, kind, tool (u32 each).
 */

const HEAD_BYTES = 20;
const RUN_BYTES = 12;
const NO_TOOL = 0xffff_ffff;
const VERSION = 1;

export const KINDS = { 1: 'rapid', 2: 'cut', 3: 'cut', 4: 'cut', 6: 'probe' } as const;
export type Motion = 'rapid' | 'cut' | 'probe';

/** Points from `first` up to but not with `end`, all of one kind with one tool. */
export interface Run {
  readonly first: number;
  readonly end: number;
  readonly motion: Motion;
  readonly tool: number | null;
}

export interface Toolpath {
  readonly points: Float32Array;
  /** Of each point the program line that leads to it. */
  readonly lines: Uint32Array;
  readonly runs: readonly Run[];
  readonly toleranceMm: number;
  readonly complete: boolean;
}

export class BadToolpath extends Error {}

export function unpackToolpath(data: ArrayBuffer): Toolpath {
  const view = new DataView(data);
  const magic = data.byteLength < HEAD_BYTES ? '' : String.fromCharCode(...new Uint8Array(data, 0, 4));
  if (magic !== 'NCTP' || view.getUint8(4) !== VERSION) {
    throw new BadToolpath(`${data.byteLength} bytes are no toolpath of version ${VERSION}`);
  }
  const count = view.getUint32(8, true);
  const runCount = view.getUint32(12, true);
  const size = HEAD_BYTES + 16 * count + RUN_BYTES * runCount;
  if (data.byteLength !== size) throw new BadToolpath(`${data.byteLength} bytes, expected ${size}`);
  const points = Float32Array.from({ length: 3 * count }, (_, n) => view.getFloat32(HEAD_BYTES + 4 * n, true));
  const lines = Uint32Array.from({ length: count }, (_, n) => view.getUint32(HEAD_BYTES + 12 * count + 4 * n, true));
  const heads = Array.from({ length: runCount }, (_, n) => HEAD_BYTES + 16 * count + RUN_BYTES * n);
  const runs = heads.map((at, n): Run => {
    const tool = view.getUint32(at + 8, true);
    const next = heads[n + 1];
    return {
      first: view.getUint32(at, true),
      end: next === undefined ? count : view.getUint32(next, true),
      motion: KINDS[view.getUint32(at + 4, true) as keyof typeof KINDS] ?? 'cut',
      tool: tool === NO_TOOL ? null : tool,
    };
  });
  return { points, lines, runs, toleranceMm: view.getFloat32(16, true), complete: (view.getUint8(5) & 1) === 0 };
}

export interface Extent {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** The box around all points of some runs; null when there is none. */
export function extentOf(path: Toolpath, runs: readonly Run[]): Extent | null {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const { first, end } of runs) {
    for (let n = 3 * first; n < 3 * end; n += 1) {
      const value = path.points[n] ?? 0;
      const axis = (n % 3) as 0 | 1 | 2;
      low[axis] = Math.min(low[axis], value);
      high[axis] = Math.max(high[axis], value);
    }
  }
  return low[0] <= high[0] ? { low, high } : null;
}

export interface ToolSummary {
  readonly tool: number | null;
  readonly rapidMm: number;
  readonly cutMm: number;
  readonly firstLine: number;
  readonly lowestZMm: number;
}

/** The path in words, tool by tool in the order of first use: what the picture shows to those who see it. */
export function summarise(path: Toolpath): ToolSummary[] {
  const byTool = Map.groupBy(path.runs, ({ tool }) => tool);
  return [...byTool].map(([tool, runs]) => {
    const lengthOf = (rapid: boolean) =>
      runs.filter(({ motion }) => (motion === 'rapid') === rapid).reduce((sum, run) => sum + lengthMm(path, run), 0);
    return {
      tool,
      rapidMm: lengthOf(true),
      cutMm: lengthOf(false),
      firstLine: path.lines[runs[0]?.first ?? 0] ?? 0,
      lowestZMm: extentOf(path, runs)?.low[2] ?? 0,
    };
  });
}

function lengthMm({ points }: Toolpath, { first, end }: Run): number {
  let sum = 0;
  for (let n = first + 1; n < end; n += 1) {
    const step = [0, 1, 2].map((axis) => (points[3 * n + axis] ?? 0) - (points[3 * n - 3 + axis] ?? 0));
    sum += Math.hypot(...step);
  }
  return sum;
}

/** Pairs of point numbers, one pair per segment, that a line of the program draws. */
export function segmentsOfLine({ lines, runs }: Toolpath, line: number): [number, number][] {
  const found: [number, number][] = [];
  for (const { first, end } of runs) {
    for (let n = first + 1; n < end; n += 1) if (lines[n] === line) found.push([n - 1, n]);
  }
  return found;
}
