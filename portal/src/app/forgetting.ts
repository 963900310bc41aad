/** What must not stay on a screen once its person has left, be it in another tab or by the back button. */
import { HINT, type Session } from './session';

export function forgetWhoLeft(session: Session): void {
  // A page that the browser brings back from its memory stands as it was left: it asks anew who is there.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
  // Signing out takes the hint away, in every tab of this browser.
  window.addEventListener('storage', (event) => {
    if (event.key === HINT && event.newValue === null) session.ended();
  });
}
