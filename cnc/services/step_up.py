"""What is dangerous asks for proof of the last minutes that it is still the same person."""

from datetime import datetime, timedelta

from cnc.domain.base.clock import from_ms
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.sessions import Session, SessionRows

MAX_AGE_S = 5 * 60


def step_up(
    caller: Caller, max_age_s: int = MAX_AGE_S, *, sessions: SessionRows, now: datetime, has_factor: bool | None = None
) -> Session:
    """The caller's session, when it has shown a second factor within `max_age_s`.

    People without a second factor must have signed in within that time instead. The row of the session is read here:
    what the authorizer knew may be seconds old. `has_factor` None: as the session knows it.
    Raises CncError `auth.step_up`, `auth.ended` for a session that was ended, `auth.forbidden` for a key.
    """
    if caller.kind == "key" or not caller.session:
        raise CncError("auth.forbidden", seen="no session of a person", expected="a person who is signed in")
    session = sessions.get(caller.session)
    if session is None or session.ended_ms:
        raise CncError("auth.ended", todo="Sign in again.")
    factor_needed = session.has_factor if has_factor is None else has_factor
    shown = session.factor_at if factor_needed else max(from_ms(session.auth_ms), session.factor_at or from_ms(0))
    if shown is None or now - shown > timedelta(seconds=max_age_s):
        what = "second factor" if factor_needed else "sign-in"
        minutes = max(1, max_age_s // 60)
        raise CncError(
            "auth.step_up",
            seen=f"no {what} of the last {minutes} minutes",
            expected=f"a {what} of the last {minutes} minutes",
            todo="Show your second factor again." if factor_needed else "Sign in again.",
        )
    return session
