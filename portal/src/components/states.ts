/** Machine states as people see them, and what makes a tile ask for action. */
export const STATES = ['ACTIVE', 'IDLE', 'SETUP', 'ALARM', 'BLOCKED', 'OFFLINE'] as const;
export type State = (typeof STATES)[number];

/** A state this build does not know is shown as «no data», never as fine. */
export function toState(text: string): State {
  return (STATES as readonly string[]).includes(text) ? (text as State) : 'OFFLINE';
}

const BY_EXECUTION: Readonly<Record<string, State>> = {
  ACTIVE: 'ACTIVE',
  READY: 'IDLE',
  STOPPED: 'IDLE',
  PROGRAM_COMPLETED: 'IDLE',
  FEED_HOLD: 'SETUP',
  INTERRUPTED: 'SETUP',
  OPTIONAL_STOP: 'SETUP',
  PROGRAM_STOPPED: 'SETUP',
  WAIT: 'BLOCKED',
};

/** The colour of an execution of the timeline; it knows neither alarm nor mode. */
export const executionState = (execution: string): State => BY_EXECUTION[execution] ?? 'OFFLINE';

/** Idle longer than this is nobody's plan: the tile asks for a person. */
export const IDLE_ATTENTION_MS = 10 * 60_000;

/** Boards run on minute data: three minutes without any is stale. */
export const STALE_MS = 3 * 60_000;

export type Attention = 'act' | 'watch' | 'none';

/** Colour budget: a tile is filled only when somebody must act. */
export function attention(state: State, inStateMs: number | null): Attention {
  if (state === 'ALARM') return 'act';
  if (state === 'IDLE' && inStateMs !== null && inStateMs > IDLE_ATTENTION_MS) return 'act';
  return state === 'SETUP' || state === 'BLOCKED' ? 'watch' : 'none';
}

const URGENCY: Readonly<Record<State, number>> = { ALARM: 0, SETUP: 1, BLOCKED: 2, IDLE: 3, OFFLINE: 4, ACTIVE: 5 };

/** Alarms first; then by name, numbers in their order. */
export function byUrgency(a: { state: State; name: string }, b: { state: State; name: string }): number {
  return URGENCY[a.state] - URGENCY[b.state] || a.name.localeCompare(b.name, undefined, { numeric: true });
}
