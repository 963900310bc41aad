/** Two texts line by line: what is the same, what went, what came (shortest edit script, Myers 1986). */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly oldLine: number | null;
  readonly newLine: number | null;
}

/** Beyond this many edits the middle is told as one block: a comparison that takes minutes helps nobody. */
const MOST_EDITS = 500;

export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(before.length, after.length) - head;
  while (tail < shorter && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const kinds: DiffLine['kind'][] = [
    ...Array<'same'>(head).fill('same'),
    ...edits(a, b),
    ...Array<'same'>(tail).fill('same'),
  ];
  let oldAt = 0;
  let newAt = 0;
  return kinds.map((kind) => {
    const text = (kind === 'added' ? after[newAt] : before[oldAt]) ?? '';
    const oldLine = kind === 'added' ? null : (oldAt += 1);
    const newLine = kind === 'removed' ? null : (newAt += 1);
    return { kind, text, oldLine, newLine };
  });
}

function edits(a: readonly string[], b: readonly string[]): DiffLine['kind'][] {
  const rounds = forward(a, b);
  if (rounds === null) return [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)];
  const found: DiffLine['kind'][] = [];
  let x = a.length;
  let y = b.length;
  for (let d = rounds.length - 1; d >= 0; d -= 1) {
    const reached = rounds[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const startX = d === 0 ? 0 : (reached.get(from) ?? 0);
    const startY = d === 0 ? 0 : startX - from;
    while (x > startX && y > startY) {
      found.push('same');
      x -= 1;
      y -= 1;
    }
    if (d > 0) {
      found.push(down ? 'added' : 'removed');
      x = startX;
      y = startY;
    }
  }
  return found.reverse();
}

/** Of each round the furthest x per diagonal before it; null when the texts have too little in common. */
function forward(a: readonly string[], b: readonly string[]): Map<number, number>[] | null {
  const rounds: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d += 1) {
    rounds.push(reached);
    const next = new Map(reached);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
      let x = down ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return rounds;
    }
    reached = next;
  }
  return null;
}

export interface Hunk {
  readonly lines: readonly DiffLine[];
  /** Equal lines left out before it. */
  readonly skipped: number;
}

const AROUND = 3;

/** What differs with a few lines around; the rest is only counted. */
export function hunksOf(lines: readonly DiffLine[]): { hunks: Hunk[]; rest: number } {
  const wanted = new Set<number>();
  lines.forEach(({ kind }, at) => {
    if (kind === 'same') return;
    for (let n = at - AROUND; n <= at + AROUND; n += 1) if (n >= 0 && n < lines.length) wanted.add(n);
  });
  const hunks: { lines: DiffLine[]; skipped: number }[] = [];
  let last = -1;
  for (const at of [...wanted].sort((a, b) => a - b)) {
    const line = lines[at];
    if (line === undefined) continue;
    if (hunks.length === 0 || at !== last + 1) hunks.push({ lines: [], skipped: at - last - 1 });
    hunks.at(-1)?.lines.push(line);
    last = at;
  }
  return { hunks, rest: lines.length - 1 - last };
}
