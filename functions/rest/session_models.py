"""What the routes of sessions, second factors and screens take and answer."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from cnc.domain.base.clock import from_ms, rfc3339
from cnc.services.pairing import Pairing, Screen
from cnc.services.second_factor import Factor
from cnc.services.sessions import ABSOLUTE, Session
from cnc.services.sms import masked
from functions.rest.models import Answer, Asked

SixDigits = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class SessionRow(Answer):
    """One sign-in. `device` is the browser's own name, `address` the network it came from, `current` this one."""

    id: str
    device: str
    address: str
    signed_in_at: str
    seen_at: str
    ends_at: str
    factor_shown_at: str | None
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: str) -> Self:
        return cls(
            id=session.id,
            device=session.device,
            address=session.address,
            signed_in_at=rfc3339(session.auth_ms),
            seen_at=rfc3339(session.seen_ms),
            ends_at=rfc3339(from_ms(session.auth_ms) + ABSOLUTE),
            factor_shown_at=_at(session.factor_at),
            current=session.id == current,
        )


class SessionRows(Answer):
    sessions: list[SessionRow]


class FactorNeed(Answer):
    """`due`: nothing else is answered before a factor is shown, or set up where the person has none."""

    due: bool
    enrolled: bool
    required: bool
    shown_at: str | None
    phone: str
    recovery_codes_left: int


class CurrentSession(SessionRow):
    factor: FactorNeed


class Ended(Answer):
    """How many sessions were ended."""

    ended: int


class ShownFactor(Asked):
    """One of the three: the digits of the authenticator, those of a message, or a recovery code."""

    code: SixDigits | None = None
    sms_code: SixDigits | None = None
    recovery_code: Annotated[str, Field(min_length=24, max_length=40)] | None = None


class FactorState(Answer):
    """`replacing`: a new authenticator waits for its first code; the old one counts until then."""

    enrolled: bool
    replacing: bool
    recovery_codes_left: int
    phone: str
    phone_waits: bool

    @classmethod
    def of(cls, factor: Factor | None) -> Self:
        if factor is None or not factor.confirmed:
            return cls(enrolled=False, replacing=False, recovery_codes_left=0, phone="", phone_waits=False)
        return cls(
            enrolled=True,
            replacing=bool(factor.pending),
            recovery_codes_left=len(factor.recovery),
            phone=masked(factor.phone),
            phone_waits=bool(factor.phone_pending),
        )


class Recovery(Answer):
    """Shown this once; each counts once."""

    codes: list[str]


class Phone(Asked):
    """International form, such as +4915112345678."""

    number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]


class Policy(Answer):
    require_factor: bool


class SetPolicy(Asked):
    require_factor: bool


class NewPairing(Answer):
    """Show `code`; ask for a token every `pollS` seconds until somebody let the screen in, or it ends."""

    code: str
    expires_at: str
    poll_s: int


class ScreenToken(Answer):
    """`state` is `waiting` or `paired`; the token then opens the boards until `expiresAt`."""

    state: str
    token: str | None = None
    expires_at: str | None = None


class WaitingScreen(Answer):
    """The screen that shows a code, as who approves it can know it."""

    device: str
    address: str
    asked_at: str

    @classmethod
    def of(cls, pairing: Pairing) -> Self:
        return cls(device=pairing.visit.device, address=pairing.visit.address, asked_at=rfc3339(pairing.asked_ms))


class ApproveScreen(Asked):
    code: Annotated[str, Field(min_length=6, max_length=12)]
    site_id: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=60)]


class ScreenRow(Answer):
    id: str
    name: str
    site_id: str
    device: str
    address: str
    paired_by: str
    paired_at: str
    seen_at: str | None

    @classmethod
    def of(cls, screen: Screen, *, session: Session | None) -> Self:
        return cls(
            id=screen.id,
            name=screen.name,
            site_id=screen.site,
            device=screen.device,
            address=screen.address,
            paired_by=screen.paired_by,
            paired_at=rfc3339(screen.paired_ms),
            seen_at=rfc3339(session.seen_ms) if session is not None else None,
        )


class Screens(Answer):
    screens: list[ScreenRow]


def _at(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
