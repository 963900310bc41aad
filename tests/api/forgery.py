"""Several hundred tokens that somebody else made, each wrong in one way: none may let anybody in, anywhere."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256, sha384, sha512
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

HOUR_S, DAY_S = 3600, 86_400
_HASHES = {"HS256": sha256, "HS384": sha384, "HS512": sha512}


def encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


@dataclass(frozen=True)
class Forger:
    """Knows everything but is not the issuer: `key` signs only what no issuer would say, to try the checks behind.

    `good` are claims that would be accepted at `now_s`.
    """

    key: rsa.RSAPrivateKey
    kid: str
    good: dict[str, Any]
    now_s: int
    other: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def text(self, header: str, claims: str, *, by: rsa.RSAPrivateKey | None = None, hash_: str = "SHA256") -> str:
        """Exactly these texts, signed."""
        algorithm = jwt.algorithms.RSAAlgorithm(getattr(jwt.algorithms.RSAAlgorithm, hash_))
        unsigned = f"{encoded(header.encode(errors='surrogatepass'))}.{encoded(claims.encode(errors='surrogatepass'))}"
        return f"{unsigned}.{encoded(algorithm.sign(unsigned.encode(), by or self.key))}"

    def token(self, header: dict[str, Any] | None = None, by: rsa.RSAPrivateKey | None = None, **changed: Any) -> str:
        """Good but for what is changed; a claim that is ... is left out."""
        claims = {name: value for name, value in {**self.good, **changed}.items() if value is not ...}
        head = {"alg": "RS256", "kid": self.kid, "typ": "JWT", **(header or {})}
        return self.text(json.dumps({k: v for k, v in head.items() if v is not ...}), json.dumps(claims), by=by)

    def public(self, form: str) -> bytes:
        public = self.key.public_key()
        kinds = {
            "pem": (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "der": (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
            "pkcs1": (serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
        }
        return public.public_bytes(*kinds[form])

    def forged(self) -> Iterator[tuple[str, str]]:
        """Name and token."""
        yield from self._algorithms()
        yield from self._keys()
        yield from self._purposes()
        yield from self._times()
        yield from self._twice()
        yield from self._shapes()
        yield from self._cut()

    def _algorithms(self) -> Iterator[tuple[str, str]]:
        claims = json.dumps(self.good)
        for name in (
            "none",
            "None",
            "NONE",
            "nOnE",
            "",
            "null",
            "RS256 ",
            "rs256",
            "RSA256",
            "PS256",
            "PS384",
            "ES256",
            "EdDSA",
            "HS256",
            "RS384",
            "RS512",
            "dir",
            "RSA-OAEP",
            "A128KW",
        ):
            header = json.dumps({"alg": name, "kid": self.kid})
            yield f"alg {name!r}, signed all the same", self.text(header, claims)
            yield f"alg {name!r}, without signature", f"{encoded(header.encode())}.{encoded(claims.encode())}."
        for value in (None, 1, True, [], ["RS256"], {"RS256": 1}):
            yield f"alg {value!r}", self.text(json.dumps({"alg": value, "kid": self.kid}), claims)
        for hash_ in ("SHA384", "SHA512"):
            yield (
                f"RS256 told, {hash_} done",
                self.text(json.dumps({"alg": "RS256", "kid": self.kid}), claims, hash_=hash_),
            )
        for name, digest in _HASHES.items():
            header = json.dumps({"alg": name, "kid": self.kid})
            unsigned = f"{encoded(header.encode())}.{encoded(claims.encode())}"
            secrets = [self.public(form) for form in ("pem", "der", "pkcs1")] + [b"", b"secret", self.kid.encode()]
            for number, secret in enumerate(secrets):
                mac = hmac.new(secret, unsigned.encode(), digest).digest()
                yield f"{name} with the public key or a guess, {number}", f"{unsigned}.{encoded(mac)}"
        curve = ec.generate_private_key(ec.SECP256R1())
        yield "ES256 by a key of its own", jwt.encode(self.good, curve, algorithm="ES256", headers={"kid": self.kid})

    def _keys(self) -> Iterator[tuple[str, str]]:
        """`kid` as a path, a query, an address; keys that the token brings along."""
        tricks = (
            "",
            " ",
            "/dev/null",
            "../../../../dev/null",
            "file:///etc/hostname",
            "' OR 1=1 --",
            "%00",
            "*",
            "?",
            f"{self.kid}/../{self.kid}",
            f"{self.kid} ",
            f" {self.kid}",
            self.kid.upper() + "x",
            f"{self.kid}\u0000",
            f"{self.kid}%00",
            f"{self.kid}#",
            "https://evil.test/jwks",
            "dummy",
            "0",
            "-1",
            "a" * 129,
            "a" * 5000,
            "\u202e" + self.kid,
            "${jndi:ldap://evil.test}",
            "key\nkey",
            "|cat /etc/passwd",
        )
        for trick in tricks:
            yield f"kid {trick[:40]!r}", self.token({"kid": trick})
            yield f"kid {trick[:40]!r} by another key", self.token({"kid": trick}, by=self.other)
        for value in (None, 1, [], [self.kid], {"kid": self.kid}, True):
            yield f"kid {value!r}", self.token({"kid": value})
        yield "no kid", self.token({"kid": ...})
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.other.public_key(), as_dict=True)
        brought = {
            "jwk": public,
            "jku": "https://evil.test/jwks",
            "x5u": "https://evil.test/cert",
            "x5c": ["MIIB"],
            "x5t": "AAAA",
            "x5t#S256": "AAAA",
        }
        for name, value in brought.items():
            yield f"{name} of another key", self.token({name: value}, by=self.other)
            yield f"{name} of another key, no kid", self.token({name: value, "kid": ...}, by=self.other)
        for value in (["b64"], ["exp"], [], "b64", None, ["x"]):
            yield f"crit {value!r}", self.token({"crit": value})
        yield "signed by another key", self.token(by=self.other)

    def _purposes(self) -> Iterator[tuple[str, str]]:
        iss = str(self.good["iss"])
        issuers = [
            ...,
            None,
            "",
            1,
            [iss],
            {"iss": iss},
            iss + "/",
            iss + "x",
            iss[:-1],
            iss.upper(),
            f" {iss}",
            f"{iss}#",
            f"{iss}?a=1",
            iss.replace("http", "httpx"),
            "https://accounts.google.com",
            "https://evil.test",
            "https://login.microsoftonline.com/common/v2.0",
            iss.rpartition("/")[0] + "/other-pool",
            f"{iss}/../x",
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other",
            True,
        ]
        yield from ((f"iss {value!r}", self.token(iss=value)) for value in issuers)
        for value in (..., None, "", "id", "ID", "Access", "access ", "refresh", ["access"], 1, True, {"a": 1}):
            yield f"token_use {value!r}", self.token(token_use=value)
        client = str(self.good["client_id"])
        for value in (
            ...,
            None,
            "",
            "client-of-another-pool",
            [client],
            client + " ",
            client.upper() + "X",
            "*",
            1,
            True,
        ):
            yield f"client_id {value!r}", self.token(client_id=value)
        for value in ("other", ["other"], ["other", "another"], "", " ", f"{client}x", [f"{client} "]):
            yield f"aud {value!r}", self.token(aud=value)
        yield "an ID token", self.token(token_use="id", aud=client, client_id=..., nonce="n")
        yield (
            "an ID token with azp",
            self.token(token_use="id", aud=[client, "other"], azp=client, client_id=..., nonce="n"),
        )
        yield "an ID token that has another's azp", self.token(token_use="id", aud=client, azp="other", client_id=...)
        for value in (..., None, "", 1, True, [], ["x"], {"a": 1}, "x#y", "#", "x" * 257, "U#" + iss):
            yield f"sub {str(value)[:30]!r}", self.token(sub=value)

    def _times(self) -> Iterator[tuple[str, str]]:
        now = self.now_s
        wrong = (..., None, "", "soon", str(now + HOUR_S), True, [], [now], {"a": 1}, 0, -1, 10**12, 1e300, now + 0.5)
        yield from ((f"exp {value!r}", self.token(exp=value)) for value in wrong)
        yield from ((f"iat {value!r}", self.token(iat=value)) for value in wrong)
        yield from ((f"nbf {value!r}", self.token(nbf=value)) for value in ("soon", True, [], -1, 10**12, 1e300, None))
        for ago in (61, 120, HOUR_S, DAY_S, 365 * DAY_S):
            yield f"ended {ago} s ago", self.token(iat=now - ago - HOUR_S, exp=now - ago)
        for ahead in (120, HOUR_S, DAY_S, 365 * DAY_S):
            yield f"made in {ahead} s", self.token(iat=now + ahead, exp=now + ahead + HOUR_S)
            yield f"good in {ahead} s", self.token(nbf=now + ahead)
            yield f"good for a day and {ahead} s", self.token(exp=now + DAY_S + ahead)

    def _twice(self) -> Iterator[tuple[str, str]]:
        """One name, two values: readers take the first or the last."""
        header = json.dumps({"alg": "RS256", "kid": self.kid})
        for name, value in self.good.items():
            others = ["victim", 1] if isinstance(value, str) else [1, value + DAY_S]
            for other in others:
                said = json.dumps(self.good)[:-1]
                yield f"{name} twice, last {other!r}", self.text(header, f'{said}, "{name}": {json.dumps(other)}}}')
                yield (
                    f"{name} twice, first {other!r}",
                    self.text(header, f'{{"{name}": {json.dumps(other)}, {said[1:]}}}'),
                )
        claims = json.dumps(self.good)
        for twice in ('"alg":"none"', '"alg":"HS256"', f'"kid":"{self.kid}"', '"kid":"other"'):
            yield f"header with {twice} before", self.text(f"{{{twice}, {header[1:]}", claims)
            yield f"header with {twice} after", self.text(f"{header[:-1]}, {twice}}}", claims)
        escaped = json.dumps(self.good)[:-1] + ', "\\u0073ub": "victim"}'
        yield "sub twice, once escaped", self.text(header, escaped)

    def _shapes(self) -> Iterator[tuple[str, str]]:
        header = json.dumps({"alg": "RS256", "kid": self.kid})
        bodies = (
            "",
            "null",
            "[]",
            "1",
            '"x"',
            "{",
            "}",
            "{}",
            "[{}]",
            "\ufeff{}",
            "{'a':1}",
            "NaN",
            "nan",
            "[" * 3000,
            '{"a":' * 3000,
            json.dumps(self.good)[:-1],
            json.dumps(self.good) + "x",
            json.dumps([self.good]),
        )
        for body in bodies:
            yield f"claims {body[:20]!r}", self.text(header, body)
            yield f"header {body[:20]!r}", self.text(body, json.dumps(self.good))
        yield "9 kB", self.token(more="x" * 9000)
        yield "1 MB", self.token(more="x" * 1_000_000)

    def _cut(self) -> Iterator[tuple[str, str]]:
        """A good token, bent."""
        good = self.token()
        head, body, signature = good.split(".")
        yield from (
            (f"cut after {at} of {len(good)}", good[:at]) for at in range(1, len(good) - 4, max(1, len(good) // 40))
        )
        yield from (
            (f"with {odd!r} in it", good[:40] + odd + good[40:]) for odd in "\u00e9\u200b \t\n=+/%\u0000\U0001f600"
        )
        bent = (
            f"{head}.{body}.",
            f"{head}.{body}",
            f"{head}..{signature}",
            f".{body}.{signature}",
            f"{good}.x",
            f"{good}=",
            f"{head}.{body}.{signature}.{signature}",
            f"{head}.{body}.{signature[::-1]}",
            "..",
            ".",
            "a.b.c",
            f"{head}.{body[::-1]}.{signature}",
            f"{head}.{signature}.{body}",
            good.swapcase(),
            f"{head} .{body}.{signature}",
            f"{head}.{body}.{encoded(b'')}",
            f"{head}.{body}.{encoded(bytes(256))}",
            f"{head}.{body}.{encoded(b'x' * 512)}",
            f"{head}.{encoded(json.dumps({**self.good, 'sub': 'victim'}).encode())}.{signature}",
        )
        yield from ((f"bent, {number}", token) for number, token in enumerate(bent))
