"""The rate-based rules of the web ACL before the distribution, from the template.

AWS WAF, "Using rate-based rule statements": requests of the evaluation window are counted per aggregate key, blocked
ones too, and blocked while they are more than the limit; a rule that blocks ends the evaluation; a request without a
custom key is left out. WAF looks every few seconds, here at each request. Managed rule groups have no effect here.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from aiohttp import web

from local_cloud.cloud import Cloud

#: "AWS WAF rate-based rule quotas": as many aggregation instances of a rule as are tracked.
MOST_KEYS = 10_000
SLICES = 12
_TYPES = {"APPLICATION_JSON": "application/json", "TEXT_PLAIN": "text/plain", "TEXT_HTML": "text/html"}
Test = Callable[[web.Request], bool]


@dataclass(slots=True)
class RateRule:
    """Counts requests by key in slices of its window; `blocked` is what it answers above the limit."""

    name: str
    limit: int
    window_s: int
    key: Callable[[web.Request], str]
    applies: Test
    blocked: Callable[[], web.Response]
    _seen: OrderedDict[bytes, list[tuple[int, int]]] = field(default_factory=OrderedDict)

    def over(self, request: web.Request, now_s: float) -> bool:
        """Count the request; whether its key is above the limit."""
        text = self.key(request)
        if not text or not self.applies(request):
            return False
        key = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        slice_ = int(now_s * SLICES / self.window_s)
        kept = [one for one in self._seen.get(key, ()) if one[0] > slice_ - SLICES]
        if kept and kept[-1][0] == slice_:
            kept[-1] = (slice_, kept[-1][1] + 1)
        else:
            kept.append((slice_, 1))
        self._seen[key] = kept
        self._seen.move_to_end(key)
        if len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)
        return sum(count for _, count in kept) > self.limit


@dataclass(slots=True)
class Firewall:
    """Rules by priority. `clock` is monotonic seconds."""

    rules: tuple[RateRule, ...] = ()
    clock: Callable[[], float] = time.monotonic

    def refusal(self, request: web.Request) -> web.Response | None:
        """The answer of the first rule that blocks the request, or None."""
        now_s = self.clock()
        return next((rule.blocked() for rule in self.rules if rule.over(request, now_s)), None)


def read(cloud: Cloud) -> Firewall:
    """Of the distribution's web ACL; no rules without one. Raises ValueError for what does not run here."""
    config = cloud.of("AWS::CloudFront::Distribution")[0].properties["DistributionConfig"]
    if not config.get("WebACLId") or not cloud.firewall:
        return Firewall()
    (acl,) = cloud.of("AWS::WAFv2::WebACL")
    bodies = acl.properties.get("CustomResponseBodies", {})
    if "Allow" not in acl.properties["DefaultAction"]:
        raise ValueError(f"web ACL {acl.logical_id}: only a default action that allows runs here")
    declared = sorted(acl.properties.get("Rules", []), key=lambda rule: int(rule["Priority"]))
    rules = [_rule(rule, bodies) for rule in declared if "ManagedRuleGroupStatement" not in rule["Statement"]]
    return Firewall(tuple(rules))


def _rule(declared: Mapping[str, Any], bodies: Mapping[str, Any]) -> RateRule:
    name, statement = declared["Name"], declared["Statement"]
    if set(statement) != {"RateBasedStatement"} or set(declared["Action"]) != {"Block"}:
        raise ValueError(f"firewall rule {name}: only rate-based rules that block run here")
    rate = statement["RateBasedStatement"]
    scope = rate.get("ScopeDownStatement")
    return RateRule(
        name,
        int(rate["Limit"]),
        int(rate.get("EvaluationWindowSec", 300)),
        _key(name, rate),
        _matches(name, scope) if scope else _all,
        _answer(declared["Action"]["Block"], bodies),
    )


def _key(rule: str, rate: Mapping[str, Any]) -> Callable[[web.Request], str]:
    if rate["AggregateKeyType"] == "IP":
        return lambda request: request.remote or ""
    keys = rate.get("CustomKeys", [])
    if rate["AggregateKeyType"] != "CUSTOM_KEYS" or len(keys) != 1 or set(keys[0]) != {"Header"}:
        raise ValueError(f"firewall rule {rule}: only IP or one header as aggregate key runs here")
    _as_it_is(rule, keys[0]["Header"])
    header: str = keys[0]["Header"]["Name"]
    return lambda request: request.headers.get(header, "")


def _matches(rule: str, statement: Mapping[str, Any]) -> Test:
    ((kind, said),) = statement.items()
    if kind == "AndStatement":
        tests = [_matches(rule, one) for one in said["Statements"]]
        return lambda request: all(test(request) for test in tests)
    if kind != "ByteMatchStatement" or said["PositionalConstraint"] != "EXACTLY":
        raise ValueError(f"firewall rule {rule}: only AND and exact byte matches run here, not {kind}")
    _as_it_is(rule, said)
    wanted: str = said["SearchString"]
    ((part, _),) = said["FieldToMatch"].items()
    if part == "Method":
        return lambda request: request.method == wanted
    if part == "UriPath":
        return lambda request: request.path == wanted
    raise ValueError(f"firewall rule {rule}: {part} is not matched here")


def _as_it_is(rule: str, said: Mapping[str, Any]) -> None:
    if [one["Type"] for one in said["TextTransformations"]] != ["NONE"]:
        raise ValueError(f"firewall rule {rule}: no text transformation but NONE runs here")


def _answer(block: Mapping[str, Any], bodies: Mapping[str, Any]) -> Callable[[], web.Response]:
    response = block.get("CustomResponse") or {"ResponseCode": 403}
    headers = {one["Name"]: one["Value"] for one in response.get("ResponseHeaders", [])}
    body = bodies[response["CustomResponseBodyKey"]] if "CustomResponseBodyKey" in response else {}
    if body:
        headers["content-type"] = _TYPES[body["ContentType"]]
    content, status = body.get("Content", "").encode(), int(response["ResponseCode"])
    return lambda: web.Response(status=status, headers=headers, body=content)


def _all(_: web.Request) -> bool:
    return True
