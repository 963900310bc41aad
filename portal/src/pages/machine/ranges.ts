/** Time ranges of the signal charts. */
export const RANGES = ['live', '15m', '1h', '8h', '24h'] as const;
export type Range = (typeof RANGES)[number];

export interface Span {
  readonly lengthS: number;
  /** Seconds per point: about a thousand points per chart. */
  readonly resolutionS: number;
}

export const SPANS: Readonly<Record<Range, Span>> = {
  live: { lengthS: 180, resolutionS: 1 },
  '15m': { lengthS: 900, resolutionS: 1 },
  '1h': { lengthS: 3_600, resolutionS: 5 },
  '8h': { lengthS: 28_800, resolutionS: 30 },
  '24h': { lengthS: 86_400, resolutionS: 60 },
};
