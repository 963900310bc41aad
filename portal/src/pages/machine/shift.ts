/** Shifts of eight hours that change at 6, 14 and 22 o'clock of the site. */
const FIRST_H = 6;
const LENGTH_H = 8;
const HOUR_MS = 3_600_000;

/** Hours since midnight at the site, with their fraction. */
function hoursAt(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    timeZone,
  }).formatToParts(ms);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return of('hour') + of('minute') / 60 + of('second') / 3600;
}

/** When the shift of an instant began; it may have been yesterday. */
export function shiftStartMs(ms: number, timeZone: string): number {
  const wholeMs = Math.floor(ms / 1000) * 1000;
  const since = (hoursAt(wholeMs, timeZone) - FIRST_H + 24) % LENGTH_H;
  const start = Math.round(wholeMs - since * HOUR_MS);
  // A night in which the clocks are changed is an hour longer or shorter.
  const off = (hoursAt(start, timeZone) - FIRST_H + 24) % LENGTH_H;
  return Math.round(start - (off > LENGTH_H / 2 ? off - LENGTH_H : off) * HOUR_MS);
}
