/** Durations and instants for people. Words come from the catalogue: these functions give keys and numbers. */

export interface Spoken {
  readonly key: 'time.now' | 'time.seconds' | 'time.minutes' | 'time.hours' | 'time.days';
  readonly values: { readonly [name: string]: number };
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** The two coarsest units that matter: 42 s, 12 min, 3 h 05 min, 2 d 4 h. Clocks that run ahead count as now. */
export function spoken(durationMs: number): Spoken {
  const s = Math.floor(durationMs / 1000);
  if (s < 1) return { key: 'time.now', values: {} };
  if (s < MINUTE_S) return { key: 'time.seconds', values: { s } };
  if (s < HOUR_S) return { key: 'time.minutes', values: { m: Math.floor(s / MINUTE_S) } };
  if (s < DAY_S) {
    return { key: 'time.hours', values: { h: Math.floor(s / HOUR_S), m: Math.floor((s % HOUR_S) / MINUTE_S) } };
  }
  return { key: 'time.days', values: { d: Math.floor(s / DAY_S), h: Math.floor((s % DAY_S) / HOUR_S) } };
}

/** Milliseconds since an instant, or null when there is none. */
export function ageMs(instant: string | null | undefined, nowMs: number): number | null {
  return instant == null ? null : nowMs - Date.parse(instant);
}

/** Date, time and zone of the site: «24 Nov 2026, 19:30:05 CET». */
export function siteTime(instant: string, locale: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone,
  }).format(Date.parse(instant));
}

/** Hours and minutes at the site, to the second where it matters. */
export function siteClock(instantMs: number, locale: string, timeZone: string, seconds = false): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
    timeZone,
  }).format(instantMs);
}

/** RFC 3339 UTC with milliseconds, as the API writes it. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString();
