import type { Filters } from './types';

export const NO_FILTERS: Filters = { actor: '', noun: '', result: '', from: '', to: '' };
/** Nouns of actions that can be chosen; their words are `audit.nouns.<noun>`. */
export const NOUNS = [
  'change',
  'writing',
  'drift',
  'machine',
  'gateway',
  'person',
  'invitation',
  'key',
  'session',
  'factor',
  'screen',
  'sso',
  'tenant',
  'site',
  'export',
  'consent',
  'policy',
  'names',
  'share',
  'content',
] as const;

/** When a day begins at the site, in UTC; "" for a text that is no day. */
export function startOfDay(day: string, timeZone: string, addDays = 0): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (parts === null) return '';
  const noon = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + addDays, 0, 0);
  // Twice, because the offset at the guess may be another one than at the time itself.
  const guess = noon - offsetMs(noon, timeZone);
  return new Date(noon - offsetMs(guess, timeZone)).toISOString();
}

/** How far the clock of the zone is ahead of UTC at this time. */
function offsetMs(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const said = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = said;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** The query of a page of the log. */
export function queryOf(filters: Filters, timeZone: string, cursor: string | null): string {
  const query = new URLSearchParams({ first: '50' });
  const from = startOfDay(filters.from, timeZone);
  const to = startOfDay(filters.to, timeZone, 1);
  const said = { actor: filters.actor, action: filters.noun, result: filters.result, from, to, cursor: cursor ?? '' };
  for (const [name, value] of Object.entries(said)) if (value !== '') query.set(name, value);
  return `/audit?${query.toString()}`;
}
