"""Headers that CloudFront adds to what it answers (AWS::CloudFront::ResponseHeadersPolicy)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

_HSTS = "Strict-Transport-Security"


@dataclass(frozen=True, slots=True)
class Added:
    """One header; without `override` a value that the origin sent stays."""

    name: str
    value: str
    override: bool


def read(config: Mapping[str, Any]) -> tuple[Added, ...]:
    """Raises ValueError for a part of the policy that does not run here."""
    unknown = config.keys() - {"Name", "Comment", "SecurityHeadersConfig", "CustomHeadersConfig"}
    if unknown:
        raise ValueError(f"response headers policy: {', '.join(sorted(unknown))} does not run here")
    custom = (config.get("CustomHeadersConfig") or {}).get("Items", [])
    return (
        *_security(config.get("SecurityHeadersConfig") or {}),
        *(Added(one["Header"], one["Value"], bool(one["Override"])) for one in custom),
    )


def add(response: web.StreamResponse, added: tuple[Added, ...], *, secure: bool) -> None:
    """CloudFront says HSTS over https alone, and there is nothing else in AWS; here it is skipped over http."""
    for one in added:
        if (one.override or one.name not in response.headers) and (secure or one.name != _HSTS):
            response.headers[one.name] = one.value


def _security(config: Mapping[str, Any]) -> Iterator[Added]:
    for kind, value in config.items():
        override = bool(value["Override"])
        match kind:
            case "ContentSecurityPolicy":
                yield Added("Content-Security-Policy", value["ContentSecurityPolicy"], override)
            case "ContentTypeOptions":
                yield Added("X-Content-Type-Options", "nosniff", override)
            case "FrameOptions":
                yield Added("X-Frame-Options", value["FrameOption"], override)
            case "ReferrerPolicy":
                yield Added("Referrer-Policy", value["ReferrerPolicy"], override)
            case "StrictTransportSecurity":
                parts = [f"max-age={value['AccessControlMaxAgeSec']}"]
                parts += ["includeSubDomains"] if value.get("IncludeSubdomains") else []
                parts += ["preload"] if value.get("Preload") else []
                yield Added(_HSTS, "; ".join(parts), override)
            case _:
                raise ValueError(f"response headers policy: {kind} does not run here")
