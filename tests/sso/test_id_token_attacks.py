"""ID tokens that a hostile or a foreign provider could send: none is taken, and each says why."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from local_cloud.oidc.federation import id_token
from local_cloud.oidc.federation.id_token import Expected
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.federation.refusal import NotTaken
from local_cloud.oidc.federation.relying_party import RelyingParty, Trip

ISSUER, CLIENT, NONCE, NOW = "https://idp.example.com", "cnc", "n-0", 1_800_000_000
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EXPECTED = Expected(ISSUER, CLIENT, NONCE, "RS256", NOW)
CLAIMS = {"iss": ISSUER, "aud": CLIENT, "sub": "anna", "nonce": NONCE, "iat": NOW, "exp": NOW + 300}
DETAILS = {"oidc_issuer": ISSUER, "client_id": CLIENT, "client_secret": "s"}
TRIP = Trip("state", NONCE, "verifier", "https://portal/oauth2/idpresponse")


def jwk(key: rsa.RSAPrivateKey, **more: Any) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": "k1", "use": "sig", "alg": "RS256", **more}


def part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(
    claims: dict[str, Any] | str = CLAIMS, *, header: Any = None, key: Any = KEY, algorithm: str = "RS256"
) -> str:
    """Signed by hand, so that header and claims may say anything."""
    head = part(header or {"alg": algorithm, "kid": "k1"})
    bytes_ = f"{head}.{part(claims)}".encode()
    made = jwt.get_algorithm_by_name(algorithm)
    prepared = key if algorithm == "none" else made.prepare_key(key)
    signature = b"" if algorithm == "none" else made.sign(bytes_, prepared)
    return f"{bytes_.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class Provider(Outgoing):
    """A provider of the test: `document` is discovery, `token` what its token endpoint answers."""

    def __init__(self, token: str | None, **document: Any) -> None:
        super().__init__(loopback=False)
        self.tokens = {"access_token": "at", "id_token": token} if token is not None else {"access_token": "at"}
        self.keys: list[Any] = [jwk(KEY)]
        self.told: dict[str, Any] = {"sub": "anna", "email": "anna@company.example"}
        self.document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/me",
            "id_token_signing_alg_values_supported": ["RS256"],
            **document,
        }
        self.asked: list[str] = []

    async def get_json(self, address: str, *, headers: Any = None) -> dict[str, Any]:
        self.asked.append(address)
        if address.endswith("/openid-configuration"):
            return self.document
        return {"keys": self.keys} if address.endswith("/jwks") else self.told

    async def post_form(self, address: str, form: Any, *, headers: Any = None) -> dict[str, Any]:
        self.asked.append(address)
        return self.tokens


async def claims(provider: Provider, **answer: str) -> dict[str, Any]:
    party = RelyingParty(provider, clock=lambda: NOW)
    return await party.claims(DETAILS, TRIP, {"code": "c", "state": "state", **answer})


async def test_a_right_token_is_taken_with_what_user_info_adds() -> None:
    found = await claims(Provider(signed()))
    assert (found["sub"], found["email"]) == ("anna", "anna@company.example")


def _pem() -> bytes:
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _hmac_with_public_key(header: dict[str, Any]) -> str:
    import hashlib
    import hmac

    text = f"{part(header)}.{part(CLAIMS)}".encode()
    return (
        f"{text.decode()}.{base64.urlsafe_b64encode(hmac.digest(_pem(), text, hashlib.sha256)).rstrip(b'=').decode()}"
    )


def _own_key_in_header(**header: Any) -> str:
    return signed(header={"alg": "RS256", "kid": "k1", **header}, key=OTHER)


def _but(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}


def _twice(name: str, value: Any) -> str:
    return json.dumps(CLAIMS)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"


FORGED: dict[str, Callable[[], str | None]] = {
    "no ID token": lambda: None,
    "empty": lambda: "",
    "two parts": lambda: "a.b",
    "five parts, as of an encrypted one": lambda: "a.b.c.d.e",
    "alg none": lambda: signed(header={"alg": "none"}, algorithm="none", key=None),
    "alg None in other letters": lambda: signed(header={"alg": "nOnE", "kid": "k1"}, algorithm="none", key=None),
    "alg none over a real signature": lambda: signed(header={"alg": "none", "kid": "k1"}),
    "no alg": lambda: signed(header={"kid": "k1"}),
    "HS256 with the public key": lambda: _hmac_with_public_key({"alg": "HS256", "kid": "k1"}),
    "HS256 inside, RS256 outside": lambda: _hmac_with_public_key({"alg": "RS256", "kid": "k1"}),
    "HS256 with the client secret": lambda: jwt.encode(CLAIMS, "s" * 32, algorithm="HS256", headers={"kid": "k1"}),
    "another algorithm than the pinned one": lambda: signed(algorithm="RS512", header={"alg": "RS512", "kid": "k1"}),
    "PS256 with the same key": lambda: signed(algorithm="PS256", header={"alg": "PS256", "kid": "k1"}),
    "an elliptic key": lambda: signed(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    "another key": lambda: signed(key=OTHER),
    "a key id nobody publishes": lambda: signed(header={"alg": "RS256", "kid": "k2"}),
    "a key id that is no text": lambda: signed(header={"alg": "RS256", "kid": 1}),
    "a key in the header": lambda: _own_key_in_header(jwk=jwk(OTHER)),
    "a key address in the header": lambda: _own_key_in_header(jku="https://evil.example/jwks"),
    "a certificate in the header": lambda: _own_key_in_header(x5u="https://evil.example/x", x5c=["AAAA"]),
    "critical extensions": lambda: signed(header={"alg": "RS256", "kid": "k1", "crit": ["exp"], "exp": 1}),
    "a header with a name twice": lambda: signed(header='{"alg":"none","alg":"RS256","kid":"k1"}'),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "a signature that was cut": lambda: signed()[:-8],
    "another issuer": lambda: signed(_but(iss="https://evil.example")),
    "an issuer with a slash more": lambda: signed(_but(iss=ISSUER + "/")),
    "a list of issuers": lambda: signed(_but(iss=[ISSUER])),
    "no issuer": lambda: signed(_but(iss=None)),
    "another audience": lambda: signed(_but(aud="other")),
    "no audience": lambda: signed(_but(aud=None)),
    "an audience that begins alike": lambda: signed(_but(aud="cnc2")),
    "several audiences without azp": lambda: signed(_but(aud=[CLIENT, "other"])),
    "several audiences, azp of another": lambda: signed(_but(aud=[CLIENT, "other"], azp="other")),
    "azp of another": lambda: signed(_but(azp="other")),
    "another nonce": lambda: signed(_but(nonce="n-1")),
    "no nonce": lambda: signed(_but(nonce=None)),
    "an empty nonce": lambda: signed(_but(nonce="")),
    "expired": lambda: signed(_but(exp=NOW - 61, iat=NOW - 100)),
    "no end": lambda: signed(_but(exp=None)),
    "an end that is a text": lambda: signed(_but(exp=str(NOW + 300))),
    "an end that is true": lambda: signed(_but(exp=True)),
    "an end beyond numbers": lambda: signed(_but(exp=10**400)),
    "an end that is no number": lambda: signed(json.dumps(CLAIMS).replace(str(NOW + 300), "NaN")),
    "no beginning": lambda: signed(_but(iat=None)),
    "issued in the future": lambda: signed(_but(iat=NOW + 61)),
    "issued long ago": lambda: signed(_but(iat=NOW - 601)),
    "not valid yet": lambda: signed(_but(nbf=NOW + 61)),
    "nobody": lambda: signed(_but(sub=None)),
    "an empty subject": lambda: signed(_but(sub="")),
    "a subject that is a number": lambda: signed(_but(sub=1)),
    "a subject with a line break": lambda: signed(_but(sub="anna\nadmin")),
    "a subject too long": lambda: signed(_but(sub="a" * 256)),
    "another access token": lambda: signed(_but(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "a subject twice": lambda: signed(_twice("sub", "admin")),
    "an issuer twice": lambda: signed(_twice("iss", ISSUER)),
    "an audience twice": lambda: signed(_twice("aud", CLIENT)),
    "a nonce twice": lambda: signed(_twice("nonce", NONCE)),
    "claims that are a list": lambda: signed("[]"),
    "claims that are no JSON": lambda: signed("{"),
    "claims nested beyond reading": lambda: signed("[" * 20_000),
    "a token too long": lambda: signed(_but(x="x" * 40_000)),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_signs_nobody_in(name: str) -> None:
    with pytest.raises(NotTaken):
        await claims(Provider(FORGED[name]()))


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{**jwk(KEY), "use": "enc"}],
        [{**jwk(KEY), "alg": "RS512"}],
        [{"kty": "oct", "k": "AAAA", "kid": "k1"}],
        [jwk(KEY), jwk(OTHER)],
        [jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024))],
        ["k1", None, 5],
        [{"kid": "k1"}],
    ],
)
async def test_keys_that_do_not_fit_verify_nothing(keys: list[Any]) -> None:
    provider = Provider(signed())
    provider.keys = keys
    with pytest.raises(NotTaken):
        await claims(provider)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": ISSUER + "/"},
        {"token_endpoint": None},
        {"token_endpoint": "http://idp.example.com/token"},
        {"token_endpoint": "https://169.254.169.254/token"},
        {"jwks_uri": "https://[::1]/jwks"},
        {"jwks_uri": "https://idp.example.com:8443/jwks"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "https://user@idp.example.com/me"},
        {"id_token_signing_alg_values_supported": ["none"]},
        {"id_token_signing_alg_values_supported": ["HS256"]},
    ],
)
async def test_discovery_that_is_not_that_of_the_issuer_or_points_inside_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(NotTaken):
        await claims(Provider(signed(), **document))


@pytest.mark.parametrize(
    "answer",
    [
        {"iss": "https://evil.example"},
        {"iss": ""},
        {"error": "access_denied"},
        {"code": ""},
    ],
)
async def test_a_wrong_answer_is_never_shown_to_the_token_endpoint(answer: dict[str, str]) -> None:
    provider = Provider(signed())
    with pytest.raises(NotTaken):
        await claims(provider, **answer)
    assert f"{ISSUER}/token" not in provider.asked


async def test_user_info_about_somebody_else_is_refused_and_changes_nothing() -> None:
    provider = Provider(signed(_but(email="anna@company.example")))
    provider.told = {"sub": "admin", "email": "admin@company.example"}
    with pytest.raises(NotTaken):
        await claims(provider)
    provider.told = {"sub": "anna", "email": "admin@company.example", "iss": "https://evil.example"}
    found = await claims(provider)
    assert (found["email"], found["iss"]) == ("anna@company.example", ISSUER)


async def test_a_new_key_of_the_provider_is_found_and_forged_ids_do_not_become_load() -> None:
    now = [float(NOW)]
    provider = Provider(signed())
    party = RelyingParty(provider, clock=lambda: now[0])
    await party.claims(DETAILS, TRIP, {"code": "c"})
    provider.tokens["id_token"] = signed(header={"alg": "RS256", "kid": "k2"}, key=OTHER)
    provider.keys = [jwk(OTHER, kid="k2")]
    for _ in range(5):
        with pytest.raises(NotTaken):
            await party.claims(DETAILS, TRIP, {"code": "c"})
    assert provider.asked.count(f"{ISSUER}/jwks") == 1
    now[0] += 31
    assert (await party.claims(DETAILS, TRIP, {"code": "c"}))["sub"] == "anna"


@pytest.mark.parametrize(
    ("offered", "taken"), [(["HS256", "RS256"], "RS256"), (["ES256", "none"], "ES256"), (["PS256", "ES256"], "ES256")]
)
def test_one_algorithm_is_pinned_per_issuer(offered: list[str], taken: str) -> None:
    assert id_token.algorithm_of(offered) == taken
