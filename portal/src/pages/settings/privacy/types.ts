/** What `/v1` answers of privacy (functions/rest/privacy_models.py). */
export interface ExportOrder {
  readonly id: string;
  readonly kind: 'person' | 'tenant' | 'machine';
  readonly subject: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'expired';
  readonly percent: number;
  readonly stage: string;
  readonly files: number;
  readonly bytes: number;
  readonly doneAt: string | null;
  readonly endsAt: string | null;
}

export interface ConsentDocument {
  readonly kind: string;
  readonly version: string;
  readonly title: string;
  readonly text: string;
  readonly given: boolean;
  readonly givenAt: string | null;
}

export interface NamesSetting {
  readonly on: boolean;
  readonly changedAt: string | null;
  readonly changedBy: string;
}

export interface Share {
  readonly id: string;
  readonly machineId: string;
  readonly recipient: string;
  readonly endsAt: string;
}

export interface RetentionClass {
  readonly name: string;
  readonly what: string;
  readonly ends: 'ttl' | 'job' | 'lifecycle' | 'work' | 'person' | 'tenant';
  readonly days: number | null;
  readonly held: number | null;
  readonly removed: number;
  readonly late: number;
}

export interface Erasure {
  readonly personId: string;
  readonly state: string;
  readonly askedAt: string;
  readonly doneAt: string | null;
}

/** Whether an export is still being made. */
export const onItsWay = ({ state }: Pick<ExportOrder, 'state'>): boolean => state === 'queued' || state === 'running';

const STEP = 1024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `3.4 MiB`; whole bytes below a kibibyte. */
export function size(bytes: number, language: string): string {
  const power = bytes < STEP ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)));
  const digits = power === 0 ? 0 : 1;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(bytes / STEP ** power);
  return `${number} ${UNITS[power]}`;
}

/** How long a class is kept, as its words: `privacy.days`, `privacy.hours` or `privacy.ends.<ends>`. */
export function span({ days, ends }: Pick<RetentionClass, 'days' | 'ends'>): { key: string; count?: number } {
  if (days === null) return { key: `privacy.ends.${ends}` };
  return days >= 1 ? { key: 'privacy.days', count: Math.round(days) } : { key: 'privacy.hours', count: Math.round(days * 24) };
}
