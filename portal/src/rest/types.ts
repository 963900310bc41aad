/** Shapes of the REST routes of programs, changes and probes (functions/rest). Times are RFC 3339 UTC. */
export interface Version {
  id: string;
  machineId: string;
  name: string;
  sha256: string;
  size: number;
  takenAt: string;
  origin: 'snapshot' | 'draft' | 'release';
  author: string;
  comment: string;
}

export interface VersionText extends Version {
  text: string;
}

export interface Program {
  name: string;
  present: boolean;
  versions: Version[];
}

export interface Snapshot {
  takenAt: string;
  serial: string;
  programs: number;
  tables: string[];
}

export interface Drift {
  since: string | null;
  until: string | null;
  found: { kind: string; name: string; before: string; after: string }[];
}

export interface GcodeFinding {
  severity: 'error' | 'warning' | 'unknown' | 'note';
  code: string;
  line: number;
  seen: string;
  expected: string;
}

export interface ToolUse {
  tool: number | null;
  first_line: number;
  lowest_z_mm: number | null;
  feeds: [number, number] | null;
  feed_unit: string;
  speeds: [number, number] | null;
  speed_unit: string;
  cutting_mm: number;
}

export interface ToolTime {
  tool: number | null;
  cutting_s: number;
  rapid_s: number;
  total_s: number;
}

export interface Box {
  low: Record<string, number>;
  high: Record<string, number>;
}

export interface ProgramReport {
  program: string | null;
  size: number;
  steps: number;
  findings: GcodeFinding[];
  tools: ToolUse[];
  time: { total_s: number; unknown_moves: number; stops: number; error_sources: string[]; tools: ToolTime[] };
  reach: {
    boxes: Record<string, Box>;
    outside: { line: number; axis: string; at: number; limit: number }[];
    unknown: [string, string][];
  };
}

export interface Meaning {
  what: string;
  address: string;
  old: string | null;
  new: string | null;
}

export interface BlockChange {
  kind: 'added' | 'removed' | 'changed';
  old_line: number | null;
  new_line: number | null;
  old_text: string;
  new_text: string;
  meaning: Meaning[];
}

export interface Difference {
  only_form: boolean;
  more: number;
  changes: BlockChange[];
}

export type DryRun = Partial<ProgramReport> & { kind: string; before_s?: number; difference?: Difference };

export type ChangeState =
  | 'draft'
  | 'checked'
  | 'dry_run'
  | 'approved_once'
  | 'approved'
  | 'ordered'
  | 'released'
  | 'refused'
  | 'restored'
  | 'locked'
  | 'expired'
  | 'withdrawn';

export type Operation = 'program' | 'parameter' | 'offset' | 'macro';
export type Target = Readonly<Record<string, string | number>>;

export interface Change {
  id: string;
  machineId: string;
  operation: Operation;
  target: Target;
  state: ChangeState;
  reason: string;
  author: string;
  createdAt: string;
  sha256: string;
  presentSha256: string;
  findings: GcodeFinding[];
  dryRun: DryRun | null;
  readBy: string;
  approvals: { by: string; at: string }[];
  orderedBy: string;
  orderedAt: string | null;
  endedAt: string | null;
  outcome: Record<string, unknown> | null;
}

export interface Writing {
  enabledUntil: string | null;
  stopped: string[];
}

export interface Finding {
  layer: string;
  name: string;
  verdict: 'ok' | 'failed' | 'absent';
  seen: string;
  ms: number;
  todo: string;
}

export interface Counter {
  method: string;
  meaning: string;
  value: number | null;
  counted: number | null;
  why: string;
}

export interface ProbeReport {
  ok: boolean;
  host?: string;
  port?: number;
  protocol?: string;
  error?: string;
  findings: Finding[];
  facts: Record<string, unknown>;
  counters: Counter[];
}

export interface Probe {
  id: string;
  report: ProbeReport | null;
}
