"""A response headers policy of the template, as CloudFront applies it."""

from typing import Any

import pytest
from aiohttp import web

from local_cloud.gateway.response_headers import add, read

CONFIG: dict[str, Any] = {
    "Name": "safe",
    "SecurityHeadersConfig": {
        "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'none'", "Override": False},
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"FrameOption": "DENY", "Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": False},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": 60, "IncludeSubdomains": True, "Override": True},
    },
    "CustomHeadersConfig": {"Items": [{"Header": "x-own", "Value": "ours", "Override": True}]},
}


def answered(*, secure: bool = True, **sent: str) -> dict[str, str]:
    response = web.Response(headers={name.replace("_", "-"): value for name, value in sent.items()})
    add(response, read(CONFIG), secure=secure)
    return {name.lower(): value for name, value in response.headers.items()}


def test_headers_are_added_where_the_origin_said_nothing() -> None:
    headers = answered()
    assert headers["content-security-policy"] == "default-src 'none'"
    assert headers["strict-transport-security"] == "max-age=60; includeSubDomains"
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_without_override_the_origin_has_its_say_and_with_it_not() -> None:
    headers = answered(Content_Security_Policy="default-src 'self'", X_Own="theirs", Referrer_Policy="same-origin")
    assert headers["content-security-policy"] == "default-src 'self'"
    assert (headers["x-own"], headers["referrer-policy"]) == ("ours", "same-origin")


def test_hsts_is_for_https_alone() -> None:
    assert "strict-transport-security" not in answered(secure=False)


@pytest.mark.parametrize(
    "part",
    [{"CorsConfig": {}}, {"RemoveHeadersConfig": {}}, {"SecurityHeadersConfig": {"XSSProtection": {"Override": True}}}],
)
def test_what_does_not_run_here_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not run here"):
        read(part)
