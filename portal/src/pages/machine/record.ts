/** Wording of completeness: never rounder than the truth. */

/** Percent stored, cut (not rounded) to two digits: 100 only when every row is there. */
export function storedPercent(stored: number, produced: number): number {
  if (stored >= produced) return 100;
  return Math.min(99.99, Math.floor((stored * 10_000) / produced) / 100);
}

export type Verdict = 'whole' | 'declared' | 'missing' | 'nothing';

export function verdict(counts: { produced: number; missing: number; declaredGaps: number }): Verdict {
  if (counts.produced === 0) return 'nothing';
  if (counts.missing > 0) return 'missing';
  return counts.declaredGaps > 0 ? 'declared' : 'whole';
}
