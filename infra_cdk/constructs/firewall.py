"""What stands before the one host: rules of AWS, and coarse limits that refuse before any work is made.

Fine limits are in the functions (docs/decisions/0016). A rule that blocks ends the evaluation, so what one credential
asks too much does not count for its address, where others may sit. Limits: AWS WAF, "Rate-based rule high-level
settings"; blocking goes on while the requests of the last minute, blocked ones included, are more than the limit.
"""

import json
from typing import Any

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

#: Requests in a minute with one `Authorization` header, whatever its plan; fine limits of a credential are below.
OF_CREDENTIAL = 700
#: … and from one address, behind which may be a whole company.
OF_ADDRESS = 30_000
#: New companies from one address in ten minutes: the one request that nobody has a quota for yet.
SIGN_UPS = 30
_MINUTE_S, _TEN_MINUTES_S = 60, 600
_SLOW_DOWN = "slow-down"
_DETAIL = "Too many requests in a short time. Ask again in a minute, and less often."


class Firewall(wafv2.CfnWebACL):
    """The web ACL of the distribution."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(
            scope,
            name,
            scope="CLOUDFRONT",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("firewall"),
            custom_response_bodies={
                _SLOW_DOWN: wafv2.CfnWebACL.CustomResponseBodyProperty(content_type="APPLICATION_JSON", content=_body())
            },
            rules=[
                _limit("credential", 1, _by_credential(), limit=OF_CREDENTIAL, window_s=_MINUTE_S),
                _limit("sign-up", 2, _of_sign_ups(), limit=SIGN_UPS, window_s=_TEN_MINUTES_S),
                _limit("address", 3, {"aggregate_key_type": "IP"}, limit=OF_ADDRESS, window_s=_MINUTE_S),
                wafv2.CfnWebACL.RuleProperty(
                    name="common",
                    priority=4,
                    visibility_config=_visible("common"),
                    statement=wafv2.CfnWebACL.StatementProperty(
                        managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                            vendor_name="AWS", name="AWSManagedRulesCommonRuleSet"
                        )
                    ),
                    override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
                ),
            ],
        )


def _limit(name: str, priority: int, how: dict[str, Any], *, limit: int, window_s: int) -> wafv2.CfnWebACL.RuleProperty:
    statement = wafv2.CfnWebACL.RateBasedStatementProperty(limit=limit, evaluation_window_sec=window_s, **how)
    told = {
        "retry-after": str(window_s),
        "ratelimit-policy": f'"{name}";q={limit};w={window_s}',
        "cache-control": "no-store",
        # Any origin may call the interfaces (docs/decisions/0006), and should see why it is refused.
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ratelimit-policy, retry-after",
    }
    headers = [wafv2.CfnWebACL.CustomHTTPHeaderProperty(name=header, value=value) for header, value in told.items()]
    response = wafv2.CfnWebACL.CustomResponseProperty(
        response_code=429, custom_response_body_key=_SLOW_DOWN, response_headers=headers
    )
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        visibility_config=_visible(name),
        statement=wafv2.CfnWebACL.StatementProperty(rate_based_statement=statement),
        action=wafv2.CfnWebACL.RuleActionProperty(block=wafv2.CfnWebACL.BlockActionProperty(custom_response=response)),
    )


def _by_credential() -> dict[str, Any]:
    """Requests without the header are left to the other rules."""
    header = wafv2.CfnWebACL.RateLimitHeaderProperty(name="authorization", text_transformations=[_as_it_is()])
    key = wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty(header=header)
    return {"aggregate_key_type": "CUSTOM_KEYS", "custom_keys": [key]}


def _of_sign_ups() -> dict[str, Any]:
    def matches(field: dict[str, Any], text: str) -> wafv2.CfnWebACL.StatementProperty:
        match = wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(**field),
            positional_constraint="EXACTLY",
            search_string=text,
            text_transformations=[_as_it_is()],
        )
        return wafv2.CfnWebACL.StatementProperty(byte_match_statement=match)

    both = wafv2.CfnWebACL.AndStatementProperty(
        statements=[matches({"method": {}}, "POST"), matches({"uri_path": {}}, "/v1/tenants")]
    )
    return {
        "aggregate_key_type": "IP",
        "scope_down_statement": wafv2.CfnWebACL.StatementProperty(and_statement=both),
    }


def _as_it_is() -> wafv2.CfnWebACL.TextTransformationProperty:
    return wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")


def _body() -> str:
    """A problem document that a GraphQL client reads as an error too; the firewall knows no other JSON type."""
    document = {
        "type": "https://docs.cnc-copilot.example/errors/limit.rate",
        "title": "Too many requests in a short time.",
        "status": 429,
        "code": "limit.rate",
        "detail": _DETAIL,
        "todo": "Ask again in a minute, and less often.",
        "errors": [{"message": _DETAIL, "extensions": {"code": "limit.rate"}}],
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
