"""IoT policies: what a document allows to whom."""

from typing import Any

import pytest

from local_cloud.broker.policy import Who, allowed

ARN = "arn:aws:iot:us-east-1:123456789012:"
WHO = Who("g_1", thing="g_1", attributes={"tenant": "t_a", "site": "s_1"})


def may(statement: dict[str, Any], action: str, resource: str, who: Who = WHO, *more: dict[str, Any]) -> bool:
    return allowed([{"Statement": [statement, *more]}], action, ARN + resource, who)


def allow(resource: str, action: str = "iot:*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": ARN + resource, **more}


def deny(resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "Resource": ARN + resource, **more}


def test_nothing_is_allowed_by_default() -> None:
    assert not allowed([], "iot:Connect", ARN + "client/g_1", WHO)
    assert not may(allow("client/g_1", "iot:Publish"), "iot:Connect", "client/g_1")


def test_deny_wins_over_allow_wherever_it_stands() -> None:
    assert not may(allow("topic/*"), "iot:Publish", "topic/a", WHO, deny("topic/a"))
    assert not may(deny("topic/a"), "iot:Publish", "topic/a", WHO, allow("topic/*"))


@pytest.mark.parametrize(
    ("pattern", "seen", "wanted"),
    [
        ("topicfilter/cnc/t_a/*", "topicfilter/cnc/t_a/#", True),
        ("topicfilter/cnc/t_a/*", "topicfilter/cnc/t_a/+/x", True),
        ("topicfilter/cnc/t_a/*", "topicfilter/cnc/#", False),
        ("topicfilter/cnc/t_a/*", "topicfilter/cnc/+/s_1", False),
        ("topicfilter/cnc/t_a/*", "topicfilter/cnc/t_ab/x", False),
        ("topicfilter/cnc/t_a/x", "topicfilter/cnc/t_a/+", False),
        ("topicfilter/cnc/t_a/?", "topicfilter/cnc/t_a/x", True),
        ("topicfilter/cnc/t_a/?", "topicfilter/cnc/t_a/+", False),
        ("topicfilter/cnc/t_a/?", "topicfilter/cnc/t_a/#", False),
        ("topic/cnc/+/x", "topic/cnc/t_a/x", False),
        ("topic/cnc/#", "topic/cnc/t_a/x", False),
        ("topic/cnc/a.c", "topic/cnc/abc", False),
    ],
)
def test_mqtt_wildcards_are_literal_and_must_be_covered(pattern: str, seen: str, wanted: bool) -> None:
    assert may(allow(pattern), "iot:Subscribe", seen) is wanted


def test_variables_are_those_of_the_attached_thing() -> None:
    own = "topic/cnc/${iot:Connection.Thing.Attributes[tenant]}/${iot:Connection.Thing.ThingName}/*"
    assert may(allow(own), "iot:Publish", "topic/cnc/t_a/g_1/x")
    assert not may(allow(own), "iot:Publish", "topic/cnc/t_b/g_1/x")
    assert not may(allow(own), "iot:Publish", "topic/cnc/t_a/g_2/x")


def test_a_value_with_a_star_is_no_wildcard() -> None:
    who = Who("*", thing="*", attributes={"tenant": "*"})
    assert not may(allow("client/${iot:ClientId}"), "iot:Connect", "client/other", who)
    assert not may(allow("topic/${iot:Connection.Thing.Attributes[tenant]}/x"), "iot:Publish", "topic/t_b/x", who)


@pytest.mark.parametrize(
    "variable", ["iot:Connection.Thing.ThingName", "iot:Connection.Thing.Attributes[none]", "iot:Nonsense", ""]
)
def test_a_variable_that_does_not_resolve_voids_an_allow_and_keeps_a_deny(variable: str) -> None:
    loose = Who("g_1") if variable.endswith("ThingName") else WHO
    assert not may(allow(f"topic/${{{variable}}}*"), "iot:Publish", "topic/x", loose)
    assert not may(allow("topic/*"), "iot:Publish", "topic/x", loose, deny(f"topic/${{{variable}}}"))


def test_is_attached_is_a_condition() -> None:
    attached = {"Condition": {"Bool": {"iot:Connection.Thing.IsAttached": ["true"]}}}
    assert may(allow("client/*", **attached), "iot:Connect", "client/g_1")
    assert not may(allow("client/*", **attached), "iot:Connect", "client/g_1", Who("g_1"))


@pytest.mark.parametrize("operator", ["ForAllValues:StringEquals", "DateLessThan", "Nonsense"])
def test_an_unknown_operator_denies(operator: str) -> None:
    condition = {"Condition": {operator: {"iot:ClientId": "g_1"}}}
    assert not may(allow("client/*", **condition), "iot:Connect", "client/g_1")
    assert not may(allow("client/*"), "iot:Connect", "client/g_1", WHO, deny("client/*", **condition))


@pytest.mark.parametrize("tenant", ["a", "a-b", "A", "a#", "ab"])
def test_tenants_that_look_alike_do_not_see_each_other(tenant: str) -> None:
    who = Who("g_1", thing="g_1", attributes={"tenant": tenant})
    statement = allow("topic/cnc/${iot:Connection.Thing.Attributes[tenant]}/*")
    seen = [
        other for other in ("a", "a-b", "A", "a#", "ab") if may(statement, "iot:Receive", f"topic/cnc/{other}/x", who)
    ]
    assert seen == [tenant]
