"""The portal's page: the built `index.html` with a fresh nonce and the configuration of this stage."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONFIG_ID = "cnc-config"
#: Where browsers tell what the policy kept from happening.
REPORTS = "/csp-reports"
NONCE_BYTES = 18
_SCRIPT = re.compile(r"<script\b([^>]*)>")
_INLINE = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE)
_COGNITO = re.compile(r"cognito-idp\.([a-z0-9-]+)\.amazonaws\.com\Z")


class UnsafeTemplate(ValueError):
    """The built page cannot be served under our policy; says what stands in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The built page, checked once, and what it must know."""

    template: str
    config: Mapping[str, str]
    connect: str
    origin: str

    @classmethod
    def of(cls, template: str, *, issuer: str, client_id: str, origin: str) -> "Page":
        """Raises UnsafeTemplate when the build put a script into the page itself."""
        inline = _INLINE.search(template)
        if inline is not None or "</head>" not in template:
            raise UnsafeTemplate(f"saw {inline.group() if inline else 'no </head>'!r}, expected scripts with src only")
        config = {"issuer": issuer, "clientId": client_id, "graphql": "/graphql", "socket": "/socket"}
        return cls(template=template, config=config, connect=" ".join(_connect(issuer, origin)), origin=origin)

    def load(self, random: Callable[[int], bytes]) -> dict[str, Any]:
        """The response to one load, with a nonce of its own."""
        nonce = b64encode(random(NONCE_BYTES)).decode()
        return {"statusCode": 200, "headers": self.headers(nonce), "body": self.html(nonce)}

    def html(self, nonce: str) -> str:
        """The page for one load; every script carries the nonce, and so the styles it makes may too."""
        text = json.dumps(self.config, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
        block = f'<script type="application/json" id="{CONFIG_ID}" nonce="{nonce}">{text}</script>'
        marked = _SCRIPT.sub(lambda match: f'<script nonce="{nonce}"{match.group(1)}>', self.template)
        return marked.replace("</head>", f"  {block}\n  </head>", 1)

    def headers(self, nonce: str) -> dict[str, str]:
        """Headers of one load."""
        policy = (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"connect-src 'self' {self.connect}",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "form-action 'self'",
            f"report-uri {REPORTS}",  # for browsers without `report-to`; the others pass it over
            "report-to csp",
        )
        # RFC 6797, 7.2: not over http, where only a laptop's own product is.
        hsts = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
        return (hsts if self.origin.startswith("https:") else {}) | {
            "content-type": "text/html; charset=utf-8",
            "cache-control": "no-store",
            "content-security-policy": "; ".join(policy),
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
            "referrer-policy": "strict-origin-when-cross-origin",
            "reporting-endpoints": f'csp="{self.origin}{REPORTS}"',
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
        }


def _connect(issuer: str, origin: str) -> list[str]:
    """Where the page's code may call: the socket of its own host, the issuer, and Cognito's sign-in host.

    `'self'` does not mean the ws: scheme in every browser, so that is named.
    """
    own = urlsplit(origin)
    sources = [f"{'wss' if own.scheme == 'https' else 'ws'}://{own.netloc}"]
    issued = urlsplit(issuer)
    if issued.netloc != own.netloc:
        sources.append(f"{issued.scheme}://{issued.netloc}")
    cognito = _COGNITO.match(issued.netloc)
    if cognito is not None:
        sources.append(f"https://*.auth.{cognito.group(1)}.amazoncognito.com")
    return sources
