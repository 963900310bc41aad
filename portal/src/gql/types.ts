/** Shapes of graphql/schema.graphql that the portal asks for. Times are RFC 3339 UTC. */
export type SignalValue = number | string | null;

export interface ViewerFacts {
  tenantId: string;
  tenantName: string;
  userId: string;
  name: string;
  roles: string[];
  permissions: string[];
}

export interface Site {
  id: string;
  name: string;
  timeZone: string;
}

export interface NamedMachine {
  id: string;
  name: string;
  cell: string;
  simulated: boolean;
  tileState: string;
  site: Site;
}

export interface BoardMachine extends NamedMachine {
  kind: string;
  execution: string;
  stateSince: string | null;
  lastSeen: string | null;
  program: string | null;
  tool: number | null;
  partCount: number | null;
  partTarget: number | null;
}

export interface Overrides {
  feed: number | null;
  rapid: number | null;
  spindle: number | null;
}

export interface SignalInfo {
  key: string;
  unit: string;
  kind: string;
}

export interface LatestValue {
  signal: string;
  value: SignalValue;
  unit: string;
  at: string;
  quality: string;
}

export interface MachineDetail extends BoardMachine {
  quarantined: number;
  overrides: Overrides;
  signals: SignalInfo[];
  latest: LatestValue[];
  alarms: Alarm[];
}

export interface Alarm {
  id: string;
  machineId: string;
  number: string;
  type: string;
  text: string;
  axis: string | null;
  active: boolean;
  raisedAt: string;
  clearedAt: string | null;
}

export interface Gap {
  source: string;
  firstSeq: number;
  lastSeq: number;
  reason: string;
  from: string;
  to: string;
}

/** A stretch in which no row was made. */
export interface Unobserved {
  source: string;
  why: string;
  from: string;
  to: string;
}

export interface Completeness {
  produced: number;
  stored: number;
  declaredGaps: number;
  missing: number;
  duplicates: number;
  gaps: Gap[];
  unobserved: Unobserved[];
}

export interface StateInterval {
  execution: string;
  from: string;
  to: string;
}

export interface Series {
  timestamps: string[];
  columns: Record<string, SignalValue[]>;
}

export interface Gateway {
  id: string;
  name: string;
  lastSeen: string | null;
  configVersion: number;
  appliedVersion: number | null;
  site: Site;
}

export interface MachineState {
  machineId: string;
  execution: string;
  tileState: string;
  at: string;
  program: string | null;
  partCount: number | null;
  tool: number | null;
}

export interface LiveFrame {
  machineId: string;
  at: string;
  columns: Record<string, SignalValue[]>;
}
