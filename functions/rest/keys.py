"""The routes of API keys and of what was used."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import Field

from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import SCOPES, Permission
from cnc.domain.rates.plans import WINDOW_S, plan_or_usual
from cnc.services.caller import Caller
from cnc.services.keys import KeyDesk, MadeKey, Wish, keys_of, lives, make_key, may_give, revoke_key, rotate_key
from cnc.services.shop import ApiKey
from cnc.services.usage import UsageRow, UsageRows, used
from functions.rest.models import Answer, Asked, Day

KeyId = Annotated[str, Path(description="Id of the key, k_ and 16 characters.", max_length=64)]
#: Days of usage that are answered at once.
MOST_DAYS = 92
#: Verbs of permissions that change nothing.
LOOKING = frozenset({"read", "watch"})
USUAL_DAYS = 30


class KeyRequest(Asked):
    """A key with these scopes, for some sites or the whole shop."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=20)]
    site_ids: Annotated[list[str], Field(max_length=50, default_factory=list)]
    days: Annotated[int, Field(ge=1, le=730)] = 365


class RotationRequest(Asked):
    """For how long the old key goes on beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class KeyRow(Answer):
    """A key without the key; `prefix` is how its text begins."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    site_ids: list[str]
    created_at: str
    created_by: str
    ends_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    lives: bool

    @classmethod
    def of(cls, key: ApiKey, *, now: datetime, seen: Mapping[str, int] | None = None) -> Self:
        last_ms = (seen or {}).get(key.id)
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=list(key.scopes),
            site_ids=list(key.sites),
            created_at=rfc3339(key.created_at),
            created_by=key.created_by,
            ends_at=rfc3339(key.ends_at) if key.ends_at else None,
            revoked_at=rfc3339(key.revoked_at) if key.revoked_at else None,
            last_used_at=rfc3339(last_ms) if last_ms else None,
            lives=lives(key, now),
        )


class Scope(Answer):
    """A named set of permissions; `given` whether the caller can give it to a key."""

    scope: str
    permissions: list[str]
    given: bool


class Keys(Answer):
    keys: list[KeyRow]
    scopes: list[Scope]
    most: int


class ShownKey(Answer):
    """`secret` is the key itself. It is shown this once and kept nowhere."""

    key: KeyRow
    secret: str


class Rotated(ShownKey):
    """The new key, and the old one with the time it ends."""

    old: KeyRow


class UsageOfDay(Answer):
    """What one caller used on one day (UTC)."""

    day: str
    subject: str
    calls: int
    points: int
    sent_bytes: int
    refused: int

    @classmethod
    def of(cls, row: UsageRow) -> Self:
        return cls(day=row.day.isoformat(), subject=row.subject, **row.totals._asdict())


class Quotas(Answer):
    """Points that may be spent in `window_s` seconds, by the whole shop and by one credential."""

    plan: str
    tenant: int
    credential: int
    window_s: int


class Used(Answer):
    days: list[UsageOfDay]
    quotas: Quotas


@dataclass(frozen=True, slots=True)
class KeyPorts:
    """What the routes need, for the request at hand."""

    caller: Callable[[], Caller]
    desk: Callable[[], KeyDesk]
    usage: UsageRows
    step_up: Callable[[Caller], object]
    now: Callable[[], datetime]

    def proven(self, scopes: Iterable[str]) -> Caller:
        """Who asks; with fresh proof of it where the key could change something. Raises CncError `auth.step_up`."""
        caller = self.caller()
        held = [permission for scope in scopes for permission in SCOPES.get(scope, ())]
        if any(permission.rpartition(".")[2] not in LOOKING for permission in held):
            caller.require(Permission.KEY_MANAGE)
            self.step_up(caller)
        return caller

    def shown(self, made: MadeKey) -> dict[str, Any]:
        return {"key": KeyRow.of(made.key, now=self.now()), "secret": made.secret}


def add_keys(app: APIGatewayHttpResolver, ports: KeyPorts) -> None:
    """Add the routes."""

    @app.get("/v1/keys", summary="API keys: what they may do, until when, and when they were used", tags=["keys"])
    def list_keys() -> Keys:
        caller, now = ports.caller(), ports.now()
        found, seen = keys_of(caller, desk=ports.desk(), now=now), ports.usage.last_seen()
        given = may_give(caller)
        return Keys(
            keys=[KeyRow.of(key, now=now, seen=seen) for key in found],
            scopes=[Scope(scope=name, permissions=sorted(held), given=name in given) for name, held in SCOPES.items()],
            most=plan_or_usual(caller.plan).keys,
        )

    @app.post("/v1/keys", summary="Make an API key; it is shown once", tags=["keys"])
    def create_key(body: Annotated[KeyRequest, Body()]) -> ShownKey:
        wish = Wish(body.name, tuple(body.scopes), tuple(body.site_ids), timedelta(days=body.days))
        return ShownKey(**ports.shown(make_key(wish, by=ports.proven(body.scopes), desk=ports.desk(), now=ports.now())))

    @app.post("/v1/keys/<key_id>/rotation", summary="Replace a key; the old one ends a little later", tags=["keys"])
    def rotate(key_id: KeyId, body: Annotated[RotationRequest | None, Body()] = None) -> Rotated:
        overlap = timedelta(hours=(body or RotationRequest()).overlap_hours)
        made, old = rotate_key(key_id, by=ports.caller(), desk=ports.desk(), now=ports.now(), overlap=overlap)
        return Rotated(**ports.shown(made), old=KeyRow.of(old, now=ports.now()))

    @app.delete("/v1/keys/<key_id>", summary="Revoke a key; it is refused within 5 seconds", tags=["keys"])
    def revoke(key_id: KeyId) -> KeyRow:
        return KeyRow.of(revoke_key(key_id, by=ports.caller(), desk=ports.desk(), now=ports.now()), now=ports.now())

    @app.get("/v1/usage", summary="What was used, by day and caller", tags=["keys"])
    def get_usage(
        first: Annotated[Day | None, Query(alias="from", description="First day, UTC; 30 days are usual.")] = None,
        last: Annotated[Day | None, Query(alias="to", description="Last day, UTC; today is usual.")] = None,
    ) -> Used:
        caller = ports.caller()
        caller.require(Permission.USAGE_READ)
        end = last or ports.now().date()
        start = first or end - timedelta(days=USUAL_DAYS - 1)
        if not timedelta() <= end - start < timedelta(days=MOST_DAYS):
            raise CncError("range.invalid", seen=f"{start} to {end}", expected=f"1 to {MOST_DAYS} days")
        plan = plan_or_usual(caller.plan)
        quotas = Quotas(plan=plan.name, tenant=plan.tenant, credential=plan.credential, window_s=WINDOW_S)
        return Used(days=[UsageOfDay.of(row) for row in used(start, end, rows=ports.usage)], quotas=quotas)
