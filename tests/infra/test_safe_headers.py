"""Every answer of the one host carries the headers that keep it to itself, whoever made it."""

from typing import Any

from functions.portal_page.page import Page
from tests.infra.test_declaration import Templates, resources

PAGE = Page.of("<html><head></head></html>", issuer="https://i.test", client_id="c", origin="https://p.test")


def policy(templates: Templates) -> dict[str, Any]:
    (found,) = resources(templates["CncPortal"], "AWS::CloudFront::ResponseHeadersPolicy")
    config: dict[str, Any] = found["ResponseHeadersPolicyConfig"]
    return config


def custom(templates: Templates) -> dict[str, str]:
    items = policy(templates)["CustomHeadersConfig"]["Items"]
    return {one["Header"]: one["Value"] for one in items}


def test_every_behaviour_adds_them(templates: Templates) -> None:
    (distribution,) = resources(templates["CncPortal"], "AWS::CloudFront::Distribution")
    config = distribution["DistributionConfig"]
    behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    assert len(behaviours) == 3
    (reference,) = {str(one.get("ResponseHeadersPolicyId")) for one in behaviours}
    assert "SafeHeaders" in reference


def test_what_is_no_page_may_run_nothing_and_be_framed_by_nobody(templates: Templates) -> None:
    csp = policy(templates)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert not csp["Override"]  # a page brings its own, with the nonce of its load
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(
        csp["ContentSecurityPolicy"].split("; ")
    )


def test_transport_and_type_cannot_be_weakened_by_an_origin(templates: Templates) -> None:
    security = policy(templates)["SecurityHeadersConfig"]
    hsts = security["StrictTransportSecurity"]
    assert (hsts["AccessControlMaxAgeSec"], hsts["IncludeSubdomains"], hsts["Override"]) == (31_536_000, True, True)
    assert security["ContentTypeOptions"] == {"Override": True}
    assert security["FrameOptions"] == {"FrameOption": "DENY", "Override": True}


def test_the_page_and_the_front_say_the_same(templates: Templates) -> None:
    own = PAGE.headers("n")
    assert {name: own[name] for name in custom(templates)} == custom(templates)
    assert own["strict-transport-security"] == "max-age=31536000; includeSubDomains"
