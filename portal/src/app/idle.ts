/** Nobody there: after half an hour without a hand on any tab of this browser the person is signed out. */
import { useEffect } from 'react';

/** As long as the API lets a session rest (cnc/services/sessions.py); screens on the wall are paired instead. */
export const IDLE_MS = 30 * 60_000;
const CHECK_MS = 20_000;
const NOTED_EVERY_MS = 15_000;
/** When somebody last did something, in any tab; no secret. */
const KEY = 'cnc.active';
const HANDS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

export const isIdle = (lastMs: number, nowMs: number): boolean => nowMs - lastMs >= IDLE_MS;

export function useIdle(onIdle: () => void): void {
  useEffect(() => {
    let noted = 0;
    const note = () => {
      if (Date.now() - noted < NOTED_EVERY_MS) return;
      noted = Date.now();
      window.localStorage.setItem(KEY, String(noted));
    };
    const check = () => {
      if (isIdle(Number(window.localStorage.getItem(KEY) ?? noted), Date.now())) onIdle();
    };
    note();
    const timer = setInterval(check, CHECK_MS);
    for (const hand of HANDS) window.addEventListener(hand, note, { passive: true });
    return () => {
      clearInterval(timer);
      for (const hand of HANDS) window.removeEventListener(hand, note);
    };
  }, [onIdle]);
}
