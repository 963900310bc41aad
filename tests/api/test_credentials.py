"""The table of forged credentials: each is refused, and for a token that only lost its time the error says so."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from cnc.cloud.jwks import BadIssuer, Jwks
from cnc.domain.base.errors import CncError
from cnc.services.credentials import Gate, caller_of
from tests.api.issuer import CLIENT_ID, ISSUER, KID, Issuer, good_claims, raw_token, signed_raw
from tests.sessions.rows import Rows

TENANT = "t_aaaaaaaaaaaaaaaa"
SUBJECT = "sub-1"
RS256 = json.dumps({"alg": "RS256", "kid": KID})


@dataclass
class Row:
    tenant: str
    facts: dict[str, str]


class Members:
    def user(self, *, issuer: str, subject: str) -> Row | None:
        assert issuer == ISSUER
        return Row(TENANT, {"user": "u_1", "roles": "owner"}) if subject in (SUBJECT, "x#y") else None

    def api_key(self, key_hash: str, /) -> Row | None:
        return None

    def tenant(self, tenant: str, /) -> Row | None:
        return Row(tenant, {"name": "Ours"})

    def provider(self, provider: str, /) -> Row | None:
        return None


@pytest.fixture
def gate(issuer: Issuer) -> Gate:
    return Gate(
        keys=Jwks(issuer=ISSUER, fetch=issuer.fetch),
        client_ids=frozenset({CLIENT_ID}),
        memberships=Members(),
        sessions=Rows(),
    )


def refusal(credential: str | None, gate: Gate) -> str:
    with pytest.raises(CncError) as refused:
        caller_of(credential, gate=gate, now=datetime.now(UTC))
    return refused.value.code


def test_the_unchanged_token_of_this_table_is_good(gate: Gate, issuer: Issuer) -> None:
    assert caller_of(f"Bearer {issuer.token(SUBJECT)}", gate=gate, now=datetime.now(UTC)).tenant == TENANT


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


EXPIRED = _now() - 3600

CHANGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://issuer.test/pool-2"},
    "no issuer": {"iss": None},
    "another client": {"client_id": "client-2"},
    "no client": {"client_id": None},
    "another audience beside the client": {"aud": "somebody"},
    "an id token": {"token_use": "id"},
    "an id token with our audience": {"token_use": "id", "aud": "client-1", "client_id": None},
    "no token use": {"token_use": None},
    "expired": {"iat": _now() - 7200, "exp": EXPIRED},
    "no expiry": {"exp": None},
    "expiry as text": {"exp": str(_now() + 60)},
    "expiry as a float": {"exp": _now() + 60.5},
    "issued in the future": {"iat": _now() + 600, "exp": _now() + 900},
    "no time of issue": {"iat": None},
    "not valid yet": {"nbf": _now() + 600},
    "a life of ten years": {"exp": _now() + 10 * 365 * 86_400},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that breaks out of its key": {"sub": "x#y"},
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_a_token_with_one_thing_wrong_is_refused(gate: Gate, issuer: Issuer, changed: dict[str, Any]) -> None:
    expected = "auth.expired" if changed.get("exp") == EXPIRED else "auth.invalid"
    assert refusal(f"Bearer {issuer.token(SUBJECT, **changed)}", gate) == expected


def _hs256(issuer: Issuer, subject: str) -> str:
    """The classic: HMAC with the public key as secret."""
    header, claims = json.dumps({"alg": "HS256", "kid": KID}), json.dumps(good_claims(subject))
    unsigned = raw_token(header, claims).rpartition(".")[0]
    mac = hmac.new(issuer.public_pem(), unsigned.encode(), sha256).digest()
    return raw_token(header, claims, mac)


def _duplicate(issuer: Issuer, subject: str) -> str:
    claims = json.dumps(good_claims("nobody"))[:-1] + f', "sub": "{subject}"}}'
    return signed_raw(issuer, RS256, claims)


FORGED: dict[str, Callable[[Issuer, str], str]] = {
    "alg none": lambda _, sub: raw_token(json.dumps({"alg": "none", "kid": KID}), json.dumps(good_claims(sub))),
    "alg None, signed": lambda i, sub: signed_raw(i, '{"alg":"None","kid":"key-1"}', json.dumps(good_claims(sub))),
    "HS256 with the public key": _hs256,
    "signed by another key": lambda i, sub: i.token(sub, foreign=True),
    "an unknown key id": lambda i, sub: i.token(sub, kid="key-2"),
    "the key id that moto uses": lambda i, sub: i.token(sub, kid="dummy"),
    "no key id": lambda i, sub: signed_raw(i, '{"alg":"RS256"}', json.dumps(good_claims(sub))),
    "a critical extension": lambda i, sub: signed_raw(
        i, '{"alg":"RS256","kid":"key-1","crit":["b64"]}', json.dumps(good_claims(sub))
    ),
    "a claim twice": _duplicate,
    "a header name twice": lambda i, sub: signed_raw(
        i, '{"alg":"none","alg":"RS256","kid":"key-1"}', json.dumps(good_claims(sub))
    ),
    "claims that are a list": lambda i, _: signed_raw(i, RS256, "[]"),
    "changed after signing": lambda i, sub: ".".join(
        (i.token("nobody").split(".")[0], i.token(sub).split(".")[1], i.token("nobody").split(".")[2])
    ),
    "no signature": lambda i, sub: i.token(sub).rpartition(".")[0] + ".",
    "four parts": lambda i, sub: i.token(sub) + ".x",
    "nesting that would end the parser": lambda i, _: signed_raw(i, RS256, "[" * 100_000),
    "padding in a part": lambda i, sub: i.token(sub) + "=",
    "9 kB": lambda i, sub: i.token(sub, more="x" * 9000),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(gate: Gate, issuer: Issuer, forge: Callable[[Issuer, str], str]) -> None:
    assert refusal(f"Bearer {forge(issuer, SUBJECT)}", gate) == "auth.invalid"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Bearer x", "Bearer cnc_read_" + "A" * 43, "Bearer é"]
)
def test_what_is_no_credential_is_refused(gate: Gate, header: str | None) -> None:
    assert refusal(header, gate) in ("auth.invalid", "auth.missing")


def test_a_token_is_good_for_the_leeway_after_its_end_and_no_longer(gate: Gate, issuer: Issuer) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    token = issuer.token(SUBJECT, iat=int(now.timestamp()) - 60, exp=int(now.timestamp()))
    assert caller_of(f"Bearer {token}", gate=gate, now=now + timedelta(seconds=29)).tenant == TENANT
    with pytest.raises(CncError, match="expired"):
        caller_of(f"Bearer {token}", gate=gate, now=now + timedelta(seconds=31))


def test_unknown_key_ids_do_not_become_load_on_the_issuer(issuer: Issuer) -> None:
    asked: list[str] = []
    keys = Jwks(issuer=ISSUER, fetch=lambda address: asked.append(address) or issuer.fetch(address))
    now = datetime.now(UTC)
    for n in range(50):
        assert keys.key(f"forged-{n}", now=now) is None
    assert len(asked) == 2


def test_a_rotated_key_is_found_after_a_while(issuer: Issuer) -> None:
    served = {"keys": Issuer.fresh()}
    keys = Jwks(issuer=ISSUER, fetch=lambda address: served["keys"].fetch(address).replace(b"key-1", served_kid()))
    kid = [b"key-0"]
    served_kid = lambda: kid[0]  # noqa: E731
    now = datetime.now(UTC)
    assert keys.key("key-9", now=now) is None
    kid[0] = b"key-9"
    assert keys.key("key-9", now=now + timedelta(seconds=10)) is None
    assert keys.key("key-9", now=now + timedelta(seconds=31)) is not None


@pytest.mark.parametrize(
    ("issuer_address", "jwks"),
    [(ISSUER + "/", "http://issuer.test/jwks"), (ISSUER, "file:///etc/passwd"), ("https://other.test", ISSUER)],
)
def test_keys_come_from_the_configured_issuer_over_https_only(issuer_address: str, jwks: str) -> None:
    document = json.dumps({"issuer": ISSUER, "jwks_uri": jwks}).encode()
    with pytest.raises(BadIssuer):
        Jwks(issuer=issuer_address, fetch=lambda _: document).key("k", now=datetime.now(UTC))


def test_motos_key_is_good_on_loopback_only(issuer: Issuer) -> None:
    local = "http://127.0.0.1:8080/oidc/pool"

    def fetch(address: str) -> bytes:
        return issuer.fetch(address.replace(local, ISSUER)).replace(ISSUER.encode(), local.encode())

    now = datetime.now(UTC)
    assert Jwks(issuer=local, fetch=fetch).key("dummy", now=now) is not None
    assert Jwks(issuer=ISSUER, fetch=issuer.fetch).key("dummy", now=now) is None


def test_a_subject_without_a_membership_is_let_in_nowhere_but_where_newcomers_are(gate: Gate, issuer: Issuer) -> None:
    caller = caller_of(f"Bearer {issuer.token('nobody')}", gate=gate, now=datetime.now(UTC))
    assert (caller.tenant, caller.kind, caller.permissions) == ("", "newcomer", frozenset())
    with pytest.raises(CncError) as refused:
        caller.admit()
    assert refused.value.code == "auth.no_membership"
