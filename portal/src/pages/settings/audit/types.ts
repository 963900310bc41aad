/** The audit log as the API answers it. */
export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly onBehalf: string;
  readonly address: string;
  readonly action: string;
  readonly object: string;
  readonly result: string;
  readonly trace: string;
  readonly request: string;
  readonly before: string;
  readonly after: string;
  readonly previous: string;
  readonly hash: string;
  readonly body: string;
}

export interface AuditPageAnswer {
  readonly entries: readonly AuditEntry[];
  readonly cursor: string | null;
}

export interface Verdict {
  readonly holds: boolean;
  readonly verified: number;
  readonly anchored: number;
  readonly anchor: { readonly seq: number; readonly hash: string; readonly at: string } | null;
  readonly badAnchors: readonly number[];
  readonly key: string;
  readonly problem: { readonly problem: string; readonly seq: number; readonly seen: string; readonly expected: string } | null;
  readonly at: string;
  readonly cursor: string | null;
}

export interface Filters {
  readonly actor: string;
  readonly noun: string;
  readonly result: '' | 'done' | 'refused';
  /** Days of the site, `2026-11-25`; both count in. */
  readonly from: string;
  readonly to: string;
}
