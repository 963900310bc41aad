"""The matrix of REST: where ids stand in each route, and every way that fits such a place.

A place is a parameter of the path (by its name in the template), of the query or of the body; there `<kind>` stands
for an id. `own` are the statuses that the caller's own ids get: an attempt that cannot succeed proves nothing.
"""

import json
import random
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop, draft_of
from tests.isolation.ways import Attempt, Way, colliding, fresh

_PLACE = re.compile(r"<(\w+)>")
_PARAMETER = re.compile(r"\{(\w+)\}")
#: Parameters of paths, and the kind of id that each is.
KINDS = {
    "machine_id": "machine",
    "change_id": "change",
    "version_id": "version",
    "probe_id": "probe",
    "user_id": "other_user",
    "site_id": "site",
    "key_id": "key",
    "session_id": "session",
    "screen_id": "screen",
    "invitation_id": "invitation",
    "code": "code",
    "export_id": "export",
    "share_id": "share",
    "provider_id": "provider",
}
#: What a screen shows before it is anybody's: who reads it may let the screen in.
NOBODYS = frozenset({"code"})
SPAN = {"from": "2026-11-24T07:00:00Z", "to": "2026-11-24T08:00:00Z"}
NOTHING: dict[str, Any] = {}
#: Done, or refused for what is missing beside the id.
TRIED = frozenset({200, 400, 403, 404, 409, 422})
_FORGED_HEADERS = ("x-tenant", "x-tenant-id", "x-cnc-tenant", "tenant", "x-amzn-oidc-identity", "x-forwarded-user")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of REST."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    who: str = "owner"
    own: frozenset[int] = frozenset({200})
    #: What an id is told that nobody has.
    unknown: frozenset[int] = frozenset({400, 403, 404, 409, 422})
    #: Makes a row each time: asked with own ids as seldom as is useful.
    makes: bool = False
    #: Ends what it was asked for, or the tenant: its own is asked for of a tenant made for it.
    spends: bool = False
    #: Open to people who belong to no company yet.
    newcomers: bool = False


#: What a person does with the own account.
ACCOUNT: dict[str, Route] = {
    "GET /v1/memberships": Route(newcomers=True),
    "GET /v1/sessions": Route(newcomers=True),
    "GET /v1/sessions/current": Route(newcomers=True),
    "DELETE /v1/sessions": Route(makes=True, spends=True, newcomers=True),
    "DELETE /v1/sessions/{session_id}": Route(makes=True, spends=True, newcomers=True),
    "POST /v1/sessions/current/tenant": Route(body={"tenantId": "<tenant>"}, newcomers=True),
    "POST /v1/sessions/current/factor": Route(
        body={"code": "000000"}, own=frozenset({403, 404, 409, 422}), makes=True, newcomers=True
    ),
    "POST /v1/sessions/current/factor/sms": Route(
        body=NOTHING, own=frozenset({403, 404, 409, 422}), makes=True, newcomers=True
    ),
    "GET /v1/second-factor": Route(),
    "DELETE /v1/second-factor": Route(own=frozenset({200, 404, 409}), makes=True),
    "POST /v1/second-factor/phone": Route(body={"number": "+4915112345678"}, own=frozenset({200, 403}), makes=True),
    "POST /v1/second-factor/phone/confirmation": Route(
        body={"code": "000000"}, own=frozenset({400, 403, 404, 409, 422}), makes=True
    ),
    "DELETE /v1/second-factor/phone": Route(own=frozenset({200, 404, 409}), makes=True),
    "POST /v1/second-factor/recovery-codes": Route(body=NOTHING, own=frozenset({200, 403}), makes=True),
    "POST /v1/pairings": Route(body=NOTHING, own=frozenset({200, 429}), makes=True, newcomers=True),
    "POST /v1/screens/token": Route(body=NOTHING, own=frozenset({401}), newcomers=True),
}
#: What a company does with its people, keys, screens and itself.
COMPANY: dict[str, Route] = {
    "POST /v1/tenants": Route(
        body={"name": "N", "siteName": "S", "timeZone": "Europe/Berlin", "yourName": "Y"},
        own=frozenset({200, 403}), makes=True, spends=True, newcomers=True,
    ),
    "GET /v1/tenant": Route(),
    "PATCH /v1/tenant": Route(body={"name": "Renamed"}, makes=True, spends=True),
    "POST /v1/tenant/suspend": Route(body=NOTHING, makes=True, spends=True),
    "POST /v1/tenant/resume": Route(body=NOTHING, own=frozenset({200, 409}), makes=True, spends=True),
    "POST /v1/sites": Route(body={"name": "S", "timeZone": "Europe/Berlin"}, makes=True),
    "PATCH /v1/sites/{site_id}": Route(body={"name": "Renamed", "timeZone": "Europe/Berlin"}, makes=True, spends=True),
    "GET /v1/people/{user_id}": Route(),
    "PATCH /v1/people/{user_id}": Route(body={"grants": {"<site>": ["operator"]}}, makes=True, spends=True),
    "DELETE /v1/people/{user_id}": Route(makes=True, spends=True),
    "DELETE /v1/people/{user_id}/sessions": Route(makes=True, spends=True),
    "GET /v1/invitations": Route(),
    "POST /v1/invitations": Route(body={"email": "new@example.test", "grants": {"<site>": ["operator"]}}, makes=True),
    "DELETE /v1/invitations/{invitation_id}": Route(makes=True, spends=True),
    "POST /v1/invitations/letter": Route(
        body={"token": "A" * 43}, own=frozenset({400, 404, 422}), makes=True, newcomers=True
    ),
    "POST /v1/invitations/accept": Route(
        body={"token": "A" * 43, "name": "N"}, own=frozenset({400, 403, 404, 422}), makes=True, newcomers=True
    ),
    "GET /v1/keys": Route(),
    "POST /v1/keys": Route(body={"name": "k", "scopes": ["read"], "siteIds": ["<site>"]}, makes=True),
    "DELETE /v1/keys/{key_id}": Route(makes=True, spends=True),
    "POST /v1/keys/{key_id}/rotation": Route(body=NOTHING, makes=True, spends=True),
    "GET /v1/screens": Route(),
    "GET /v1/pairings/{code}": Route(own=frozenset({200, 404, 429}), unknown=frozenset({400, 404, 422, 429})),
    "POST /v1/screens": Route(
        body={"code": "<code>", "siteId": "<site>", "name": "S"}, own=frozenset({200, 404, 429}),
        unknown=frozenset({400, 403, 404, 409, 422, 429}), makes=True,
    ),
    "DELETE /v1/screens/{screen_id}": Route(makes=True, spends=True),
    "GET /v1/security-policy": Route(),
    "PUT /v1/security-policy": Route(body={"requireFactor": False}, own=frozenset({200, 409}), makes=True, spends=True),
    "GET /v1/usage": Route(),
    "GET /v1/audit": Route(query={"object": "<change>"}, unknown=frozenset({200})),
    "GET /v1/audit/export": Route(),
    "GET /v1/audit/verify": Route(),
}  # fmt: skip

#: What stays of a company, or is told of it.
PRIVACY: dict[str, Route] = {
    "GET /v1/consents": Route(),
    "POST /v1/consents": Route(body={"kind": "x", "version": "1", "given": True}, own=TRIED, makes=True),
    "GET /v1/erasures": Route(),
    "POST /v1/erasures": Route(
        body={"personId": "<other_user>", "confirmation": "x"}, own=TRIED, makes=True, spends=True
    ),
    "GET /v1/exports": Route(),
    "POST /v1/exports": Route(body={"kind": "machine", "id": "<machine>"}, own=TRIED, makes=True),
    "GET /v1/exports/{export_id}": Route(),
    "POST /v1/exports/{export_id}/link": Route(body=NOTHING, own=TRIED, makes=True),
    "GET /v1/privacy/operator-names": Route(),
    "PUT /v1/privacy/operator-names": Route(body={"on": False}, own=TRIED, makes=True),
    "GET /v1/privacy/retention": Route(),
    "GET /v1/shares": Route(),
    "POST /v1/shares": Route(body={"machineId": "<machine>", "recipient": "R"}, own=TRIED, makes=True),
    "DELETE /v1/shares/{share_id}": Route(makes=True, spends=True),
    "GET /v1/tenant/erasure": Route(own=frozenset({200, 404})),
    "DELETE /v1/tenant/erasure": Route(own=TRIED, makes=True, spends=True),
    "DELETE /v1/tenant": Route(body={"confirmation": "no"}, own=TRIED, makes=True, spends=True),
}
_PROVIDER = {"kind": "google", "name": "P", "domains": ["example.test"], "clientId": "c", "clientSecret": "s"}
#: The provider of these tenants is a row alone, which the pool has never heard of; and nobody came through it.
ROW_ALONE = TRIED | {401, 500}
#: Sign-in through a company's own provider.
SIGN_IN: dict[str, Route] = {
    "GET /v1/sso/providers": Route(),
    "POST /v1/sso/providers": Route(body=_PROVIDER, own=ROW_ALONE, makes=True),
    "PUT /v1/sso/providers/{provider_id}": Route(body=_PROVIDER, own=ROW_ALONE, makes=True),
    "DELETE /v1/sso/providers/{provider_id}": Route(own=ROW_ALONE, makes=True, spends=True),
    "POST /v1/sso/providers/{provider_id}/domains": Route(body={"domain": "example.test"}, own=ROW_ALONE, makes=True),
    "POST /v1/sso/providers/{provider_id}/tests": Route(body={"token": "x"}, own=ROW_ALONE, makes=True),
    "PUT /v1/sso/providers/{provider_id}/joining": Route(body={"role": "viewer"}, own=ROW_ALONE, makes=True),
    "PUT /v1/sso/providers/{provider_id}/enforcement": Route(
        body={"breakGlass": ["<user>"]}, own=ROW_ALONE, makes=True
    ),
    "DELETE /v1/sso/providers/{provider_id}/enforcement": Route(own=ROW_ALONE, makes=True),
    "POST /v1/sso/join": Route(body=NOTHING, own=ROW_ALONE, makes=True, newcomers=True),
    "POST /v1/sso/accounts": Route(body={"existingToken": "x"}, own=ROW_ALONE, makes=True, newcomers=True),
}
#: Open to people whose company is closed: their own account, opening it again, its end, another company.
OF_CLOSED = frozenset(
    {
        "GET /v1/sessions/current", "POST /v1/sessions/current/factor", "POST /v1/sessions/current/factor/sms",
        "GET /v1/second-factor", "POST /v1/second-factor", "POST /v1/second-factor/confirmation",
        "GET /v1/tenant", "DELETE /v1/tenant", "GET /v1/tenant/erasure", "DELETE /v1/tenant/erasure",
        "POST /v1/tenant/resume", "GET /v1/memberships", "POST /v1/sessions/current/tenant",
        "POST /v1/invitations/letter", "POST /v1/invitations/accept", "POST /v1/pairings", "POST /v1/screens/token",
        "GET /v1/exports", "POST /v1/exports", "GET /v1/exports/{export_id}", "POST /v1/exports/{export_id}/link",
    }
)  # fmt: skip

ROUTES: dict[str, Route] = {
    "GET /v1/status": Route(),
    "GET /v1/machines": Route(query={"first": "100"}),
    "POST /v1/machines": Route(
        body={
            "gatewayId": "<gateway>",
            "name": "M",
            "kind": "mill",
            "cell": "A",
            "component": "focas",
            "host": "10.0.0.5",
            "port": 8193,
        },
        makes=True,
    ),
    "GET /v1/machines/{machine_id}": Route(),
    "GET /v1/machines/{machine_id}/data": Route(query=SPAN),
    "GET /v1/machines/{machine_id}/series": Route(query={"signals": "s1.load", **SPAN}),
    "GET /v1/machines/{machine_id}/programs": Route(),
    "GET /v1/machines/{machine_id}/snapshots": Route(),
    "POST /v1/machines/{machine_id}/snapshots": Route(body=NOTHING),
    "GET /v1/machines/{machine_id}/drift": Route(),
    "POST /v1/machines/{machine_id}/drift/acknowledgement": Route(body=NOTHING, makes=True),
    "GET /v1/machines/{machine_id}/writing": Route(),
    "PUT /v1/machines/{machine_id}/writing": Route(body={"scope": "machine", "allowed": False}, makes=True),
    "GET /v1/programs/{version_id}": Route(),
    "GET /v1/programs/{version_id}/report": Route(),
    "GET /v1/programs/{version_id}/diff": Route(query={"since": "<version>"}),
    "GET /v1/programs/{version_id}/toolpath": Route(),
    # A filter: what nobody knows has no changes.
    "GET /v1/changes": Route(query={"machineId": "<machine>"}, unknown=frozenset({200})),
    "POST /v1/changes": Route(body=draft_of("<machine>", "x"), makes=True),
    "GET /v1/changes/{change_id}": Route(),
    "POST /v1/changes/{change_id}/dry-run": Route(body=NOTHING, makes=True),
    "POST /v1/changes/{change_id}/approvals": Route(body=NOTHING, own=frozenset({200, 403, 409}), makes=True),
    "POST /v1/changes/{change_id}/order": Route(body=NOTHING, own=frozenset({403, 409}), makes=True),
    "POST /v1/changes/{change_id}/withdrawal": Route(body={"reason": "x"}, makes=True),
    "POST /v1/probes": Route(body={"gatewayId": "<gateway>", "component": "focas", "host": "10.0.0.5"}, makes=True),
    "GET /v1/probes/{probe_id}": Route(),
    "GET /v1/people": Route(),
    "POST /v1/second-factor": Route(body=NOTHING, own=frozenset({200, 409}), makes=True),
    "POST /v1/second-factor/confirmation": Route(body={"code": "000000"}, own=frozenset({400, 403, 404, 409, 422})),
    # Takes away what there may be, of whomever: nothing says whether there was such a person.
    "DELETE /v1/second-factor/{user_id}": Route(unknown=frozenset({200, 404}), makes=True),
    "POST /v1/socket-tickets": Route(body=NOTHING, makes=True),
    **ACCOUNT,
    **COMPANY,
    **PRIVACY,
    **SIGN_IN,
}


def request(
    desk: Desk, operation: str, shop: Shop, *, replaced: Mapping[str, str] | None = None, **more: Any
) -> Answer:
    """Ask with the shop's own ids, but those of the places in `replaced` (`path.x`, `query.x`, `body.x`)."""
    route, given = ROUTES[operation], replaced or {}
    method, _, template = operation.partition(" ")

    def own(place: str, kind: str) -> str:
        return given.get(f"{place}.{kind}", shop.ids[kind])

    path = _PARAMETER.sub(lambda found: quote(own("path", KINDS[found[1]]), safe="%"), template)
    query = {name: _PLACE.sub(lambda f: own("query", f[1]), text) for name, text in route.query.items()}
    body = None if route.body is None else json.loads(
        _PLACE.sub(lambda f: json.dumps(own("body", f[1]))[1:-1], json.dumps(route.body))
    )  # fmt: skip
    extra_query, extra_body = more.pop("extra_query", {}), more.pop("extra_body", {})
    if extra_body:
        body = {**(body or {}), **extra_body}
    credential = more.pop("credential", shop.credentials[route.who])
    return desk.rest(method, path, credential=credential, query=query | extra_query, body=body, **more)


def places(operation: str) -> Iterator[tuple[Way, str]]:
    """Where ids stand: (way, `path.machine`)."""
    route = ROUTES[operation]
    found = [(Way.PATH, "path", KINDS[name]) for name in _PARAMETER.findall(operation)]
    found += [(Way.QUERY, "query", kind) for text in route.query.values() for kind in _PLACE.findall(text)]
    found += [(Way.BODY, "body", kind) for kind in _PLACE.findall(json.dumps(route.body))]
    yield from ((way, f"{where}.{kind}") for way, where, kind in found if kind not in NOBODYS)


def attempts(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """Every way that fits the operation, once per place; ids with the choice of `rng`."""
    for way, place in places(operation):
        kind = place.partition(".")[2]

        def ask(id_: str, place: str = place) -> Answer:
            return request(desk, operation, mine, replaced={place: id_})

        unknown = fresh(other.ids[kind], rng)
        yield Attempt(operation, way, mine.tenant, ask, other.ids[kind], unknown, ROUTES[operation].unknown)
        cores = other.ids[kind], unknown
        for text, odd in zip(*(colliding(core, mine.ids[kind]) for core in cores), strict=True):
            if text == "*" and kind == "site":
                continue  # everywhere, in the own company
            yield Attempt(operation, Way.COLLIDING, mine.tenant, ask, text, odd, cores=cores)
    yield from _tenant_named(desk, operation, mine, other, rng)
    yield from _sessions(desk, operation, mine, other, rng)


def _tenant_named(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """The tenant itself, where nobody is asked for one."""
    route, tenant = ROUTES[operation], mine.tenant
    unknown = fresh(other.tenant, rng)
    refused = frozenset({400, 401, 403, 404, 405, 409, 422})
    name = rng.choice(["tenant", "tenantId", "tenant_id", "asTenant"])
    yield Attempt(
        operation, Way.QUERY, tenant, lambda id_: request(desk, operation, mine, extra_query={name: id_}),
        other.tenant, unknown, refused,
    )  # fmt: skip
    if route.body is not None:
        yield Attempt(
            operation, Way.BODY, tenant, lambda id_: request(desk, operation, mine, extra_body={name: id_}),
            other.tenant, unknown, refused,
        )  # fmt: skip

    parameter = rng.choice(["cursor", "after"])

    def cursor(id_: str) -> Answer:
        key = urlsafe_b64encode(json.dumps({"p": f"T#{id_}#M", "s": other.ids["machine"]}).encode()).decode()
        return request(desk, operation, mine, extra_query={parameter: key})

    yield Attempt(operation, Way.CURSOR, tenant, cursor, other.tenant, unknown, refused)
    if route.makes:
        return  # what the header would change is seen on the routes that read
    header = rng.choice(_FORGED_HEADERS)

    def with_header(id_: str) -> Answer:
        return request(desk, operation, mine, headers={header: id_, "cookie": f"tenant={id_}"})

    grows = operation.startswith(("GET /v1/audit", "GET /v1/usage"))
    yield Attempt(operation, Way.HEADER, tenant, with_header, other.tenant, unknown, route.own, grows=grows)


def _sessions(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """A credential that claims the other tenant, which no membership gives."""
    stranger = f"stranger-{rng.randrange(1 << 40)}"

    def claiming(id_: str) -> Answer:
        claims = {"custom:tenant": id_, "tenant": id_, "cognito:groups": [id_, "admin"]}
        token = desk.issuer.token(stranger, **claims)
        return request(desk, operation, other, credential=f"Bearer {token}")

    route = ROUTES[operation]
    if route.newcomers and route.makes:
        return  # whoever signs in may do it, for themselves
    refused = frozenset[int]() if route.newcomers else frozenset({401, 403})
    yield Attempt(operation, Way.SESSION, mine.tenant, claiming, other.tenant, fresh(other.tenant, rng), refused)

    never = f"Bearer {desk.issuer.token(stranger)}"

    def ended(who: str) -> Answer:
        """Whoever's access ended is whoever never had one."""
        return request(desk, operation, other, credential=other.credentials["ended"] if who == "ended" else never)

    yield Attempt(operation, Way.ENDED, mine.tenant, ended, "ended", "stranger", refused)
    gone = mine.suspended
    if gone is None or operation in OF_CLOSED:
        return
    first = next((place for _, place in places(operation)), "")

    def suspended(id_: str) -> Answer:
        """Its people are told that it is suspended, of what is there as of what is not."""
        return request(desk, operation, gone, replaced={first: id_})

    own = gone.ids[first.partition(".")[2]] if first else "-"
    unknown = fresh(own, rng) if first else "-"
    yield Attempt(operation, Way.SUSPENDED, gone.tenant, suspended, own, unknown, frozenset({401, 403}))
