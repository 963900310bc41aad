"""The entrance of every function behind an HTTP route: nothing is answered without a verified caller.

API Gateway can say no in its own words only. So the authorizer lets a request without a good credential pass with the
reason in its context, and this is the one place that reads the context and refuses with a body that helps.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.rates import Gauge, RateLimited

Response: TypeAlias = dict[str, Any]

_REASONS = frozenset({"auth.missing", "auth.invalid", "auth.expired", "auth.ended", "sso.required"})
_STRANGER = "limit.rate"
#: Credentials are bearer tokens and never cookies, so a page of any origin may hold one and use it.
_ANY_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "allow, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id",
}
#: What is answered belongs to one credential: no cache keeps it, and nothing takes it for a page.
_FOR_THE_CALLER = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_ANY_METHOD = "DELETE, GET, PATCH, POST, PUT"
_PREFLIGHT_S = 7200  # the longest that Chromium keeps one


def refusal(error: CncError) -> dict[str, str]:
    """The authorizer's context for a request whose credential was not accepted."""
    facts = {"error": error.code, "expected": error.expected, "todo": error.todo}
    if isinstance(error, RateLimited):
        facts |= {"seen": error.seen, "retryAfterS": str(error.retry_after_s)}
    return {name: text for name, text in facts.items() if text}


def verified(event: Mapping[str, Any]) -> Caller:
    """The caller that the authorizer verified. Raises CncError: auth.missing, or why it was refused (`_REASONS`)."""
    facts = (event["requestContext"].get("authorizer") or {}).get("lambda") or {}
    if "tenant" in facts:
        return Caller.of_facts(facts["tenant"], facts)
    code = facts.get("error")
    if code == _STRANGER:
        seen, expected = facts.get("seen", ""), facts.get("expected", "")
        raise RateLimited("address", seen=seen, expected=expected, retry_after_s=int(facts.get("retryAfterS", 1)))
    if code not in _REASONS:
        raise CncError("auth.missing", expected="Authorization: Bearer <access token or API key>")
    raise CncError(code, expected=facts.get("expected", ""), todo=facts.get("todo", ""))


def serve(
    event: Mapping[str, Any],
    *,
    methods: tuple[str, ...],
    answer: Callable[[Caller], Response],
    refuse: Callable[[CncError], Response],
    admit: Callable[[Caller], None] = Caller.admit,
    gauge: Gauge | None = None,
    unknown: Callable[[], Response] | None = None,
) -> Response:
    """Preflights are answered to everyone, all else by `answer` to a verified caller, or by `refuse`.

    `admit` raises for verified callers who may not go on: people of no tenant, and those of one that is closed.
    `unknown` answers a route that is open to who shows no credential, whatever is shown.
    `gauge` meters the request: what it costs is spent before anything of it is read, and the answer says what is left.
    Event and response are those of an HTTP API, payload 2.0.
    """
    method = event["requestContext"]["http"]["method"]
    if method == "OPTIONS":
        return _preflight(methods)
    more = dict(_ANY_ORIGIN)
    try:
        if method not in methods:
            more["allow"] = ", ".join(methods)
            raise CncError("method.not_allowed", seen=method, expected=more["allow"])
        if unknown is not None:
            return _finished(unknown(), more)
        caller = verified(event)
        admit(caller)
        if gauge is not None:
            gauge.begin(caller)
        response = answer(caller)
    except CncError as error:
        response = refuse(error)
        if isinstance(error, RateLimited):
            more["retry-after"] = str(error.retry_after_s)
        if error.status == 401:
            more["www-authenticate"] = _challenge(error.code)
    if gauge is not None:
        more |= gauge.end(response)
    return _finished(response, more)


def _finished(response: Response, more: Mapping[str, str]) -> Response:
    return {**response, "headers": {**_FOR_THE_CALLER, **response.get("headers", {}), **more}}


def _preflight(methods: tuple[str, ...]) -> Response:
    allowed = ", ".join(methods)
    headers = {
        **_ANY_ORIGIN,
        # Any method may be tried: the answer to a wrong one says what is allowed, and a page can read it.
        "access-control-allow-methods": _ANY_METHOD,
        # Fetch: the wildcard does not stand for Authorization, which has to be named.
        "access-control-allow-headers": "authorization, content-type, *",
        "access-control-max-age": str(_PREFLIGHT_S),
        "allow": allowed,
    }
    return {"statusCode": 204, "headers": headers}


def _challenge(code: str) -> str:
    """RFC 6750, section 3: a request that carries no credential is told no error code."""
    return 'Bearer realm="cnc"' if code == "auth.missing" else 'Bearer realm="cnc", error="invalid_token"'
