"""The routes of screens on the wall: ask for a code, be let in, look, be taken away."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import Permission
from cnc.services.audit import AuditLog
from cnc.services.caller import Caller
from cnc.services.pairing import Pairings, Sites, approve, ask, look, take_away, token
from cnc.services.pairing import Screens as ScreenStore
from cnc.services.sessions import Session, SessionRows
from cnc.services.sms import Tallies
from cnc.services.visits import viewer_of, visit_of
from functions.rest.session_models import (
    ApproveScreen,
    NewPairing,
    ScreenRow,
    Screens,
    ScreenToken,
    WaitingScreen,
)
from functions.rest.vault_models import Done, Nothing

#: No script reads it, no other site sends it, and a browser takes it from this host alone.
COOKIE = "__Host-cnc-screen"
_KEPT_S = 400 * 24 * 3600  # the longest that browsers keep one
POLL_S = 3
Code = Annotated[str, Path(description="The six letters that the screen shows.", max_length=12)]
ScreenId = Annotated[str, Path(description="Id of a screen, k_ and 16 characters.", max_length=64)]


@dataclass(frozen=True, slots=True)
class ScreenPorts:
    """What the routes need, for the request at hand. `event` is the request itself."""

    caller: Callable[[], Caller]
    event: Callable[[], Mapping[str, Any]]
    pairings: Pairings
    tallies: Tallies
    screens: ScreenStore
    sites: Sites
    sessions: SessionRows
    close: Callable[[Iterable[Session]], None]
    audit: AuditLog
    random: Callable[[int], bytes]
    now: Callable[[], datetime]


def add_screens(app: APIGatewayHttpResolver, ports: ScreenPorts) -> None:
    """Add the routes."""
    _of_the_screen(app, ports)
    _of_people(app, ports)


def _of_the_screen(app: APIGatewayHttpResolver, ports: ScreenPorts) -> None:
    @app.post("/v1/pairings", summary="A code for a screen to show", tags=["screens"])
    def ask_for_code(_body: Annotated[Nothing | None, Body()] = None) -> Response[NewPairing]:
        event = ports.event()
        made = ask(
            visit=visit_of(event),
            source=viewer_of(event),
            pairings=ports.pairings,
            tallies=ports.tallies,
            random=ports.random,
            now=ports.now(),
        )
        shown = NewPairing(code=made.code, expires_at=rfc3339(made.ends_at), poll_s=POLL_S)
        return Response(
            HTTPStatus.OK, content_type="application/json", body=shown, cookies=[_cookie(made.secret, max_age=_KEPT_S)]
        )

    @app.post("/v1/screens/token", summary="The token of a paired screen", tags=["screens"])
    def ask_for_token(_body: Annotated[Nothing | None, Body()] = None) -> ScreenToken:
        event = ports.event()
        _same_site(event)
        made = token(
            _secret(event),
            pairings=ports.pairings,
            sessions=ports.sessions,
            tallies=ports.tallies,
            random=ports.random,
            now=ports.now(),
        )
        if made is None:
            return ScreenToken(state="waiting")
        return ScreenToken(state="paired", token=made.text, expires_at=rfc3339(made.ends_at))


def _of_people(app: APIGatewayHttpResolver, ports: ScreenPorts) -> None:
    @app.get("/v1/pairings/<code>", summary="Which screen shows this code", tags=["screens"])
    def get_pairing(code: Code) -> WaitingScreen:
        found = look(code, caller=_person(ports), pairings=ports.pairings, tallies=ports.tallies, now=ports.now())
        return WaitingScreen.of(found)

    @app.post("/v1/screens", summary="Let a screen in, for one site", tags=["screens"])
    def approve_screen(body: Annotated[ApproveScreen, Body()]) -> ScreenRow:
        made = approve(
            body.code,
            site=body.site_id,
            name=body.name,
            caller=_person(ports),
            pairings=ports.pairings,
            screens=ports.screens,
            sites=ports.sites,
            sessions=ports.sessions,
            tallies=ports.tallies,
            audit=ports.audit,
            random=ports.random,
            now=ports.now(),
        )
        return ScreenRow.of(made, session=None)

    @app.get("/v1/screens", summary="Screens on the wall", tags=["screens"])
    def list_screens() -> Screens:
        caller = _person(ports)
        caller.require(Permission.KIOSK_PAIR)
        found = [screen for screen in ports.screens.all() if caller.may(Permission.KIOSK_PAIR, screen.site)]
        rows = [ScreenRow.of(screen, session=ports.sessions.get(screen.session)) for screen in found]
        return Screens(screens=sorted(rows, key=lambda row: (row.name, row.id)))

    @app.delete("/v1/screens/<screen_id>", summary="Take a screen away", tags=["screens"])
    def remove_screen(screen_id: ScreenId) -> Done:
        check_id("k", screen_id)
        ended = take_away(
            screen_id,
            caller=_person(ports),
            screens=ports.screens,
            sessions=ports.sessions,
            audit=ports.audit,
            now=ports.now(),
        )
        if ended is not None:
            ports.close([ended])
        return Done()


def _person(ports: ScreenPorts) -> Caller:
    caller = ports.caller()
    if caller.kind != "user":
        raise CncError("auth.forbidden", seen="an API key", expected="a person")
    return caller


def _cookie(secret: str, *, max_age: int) -> Cookie:
    return Cookie(
        name=COOKIE,
        value=secret,
        path="/",
        secure=True,
        http_only=True,
        max_age=max_age,
        same_site=SameSite.STRICT_MODE,
    )


def _secret(event: Mapping[str, Any]) -> str:
    """Raises CncError `auth.missing`."""
    for sent in event.get("cookies") or []:
        name, _, value = str(sent).partition("=")
        if name == COOKIE and value:
            return value
    raise CncError("auth.missing", seen="no screen that asked", todo="Open /pair on the screen.")


def _same_site(event: Mapping[str, Any]) -> None:
    """SameSite says it already; a browser that tells where a request comes from is asked as well."""
    headers = event.get("headers") or {}
    if str(headers.get("sec-fetch-site", "same-origin")) not in ("same-origin", "none"):
        raise CncError("auth.forbidden", seen="a request of another site", expected="the page of the screen")
