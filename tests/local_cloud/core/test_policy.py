"""IAM documents, judged."""

from typing import Any

import pytest

from local_cloud.door import policy
from local_cloud.door.policy import Ask, BadPolicy, Decision

ALLOW, DENY, NOTHING = Decision.ALLOW, Decision.DENY, Decision.NOTHING
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/rows"


def judge(
    *statements: dict[str, Any], resource: str = TABLE, action: str = "dynamodb:GetItem", **context: Any
) -> Decision:
    asked = Ask(action, resource, {key.replace("__", ":").replace("_of_", "/"): one for key, one in context.items()})
    return policy.decide(policy.parse({"Statement": list(statements)}), asked)


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE} | more


def test_nothing_is_allowed_by_silence() -> None:
    assert judge() is NOTHING


def test_a_deny_wins_whatever_its_place() -> None:
    deny = allow(Effect="Deny", Action="dynamodb:*")
    assert judge(allow(), deny) is judge(deny, allow()) is DENY


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("dynamodb:Get*", TABLE, ALLOW),
        ("DYNAMODB:getitem", TABLE, ALLOW),
        ("dynamodb:GetItem?", TABLE, NOTHING),
        ("dynamodb:GetItem", "*", ALLOW),
        ("dynamodb:GetItem", "arn:aws:dynamodb:*:123456789012:table/rows", ALLOW),
        ("dynamodb:GetItem", "arn:aws:*:table/rows", NOTHING),
        ("dynamodb:GetItem", TABLE[:-1], NOTHING),
        ("dynamodb:GetItem", TABLE.upper(), NOTHING),
        ("dynamodb:GetItem", TABLE + "/index/*", NOTHING),
    ],
)
def test_actions_fold_case_and_arns_match_part_by_part(action: str, resource: str, expected: Decision) -> None:
    assert judge(allow(Action=action, Resource=resource)) is expected


def test_not_action_and_not_resource_speak_of_everything_else() -> None:
    others = {"Effect": "Allow", "NotAction": "dynamodb:Scan", "NotResource": TABLE + "2"}
    assert judge(others) is ALLOW
    assert judge(others, action="dynamodb:Scan") is NOTHING
    assert judge(others, resource=TABLE + "2") is NOTHING


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": "b"}, ALLOW),
        ({"StringEquals": {"k": "a"}}, {}, NOTHING),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, ALLOW),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, NOTHING),
        ({"StringNotEquals": {"k": "a"}}, {}, ALLOW),
        ({"StringLike": {"k": "a*"}}, {"k": "abc"}, ALLOW),
        ({"StringLike": {"k": "a?"}}, {"k": "abc"}, NOTHING),
        ({"Null": {"k": "true"}}, {}, ALLOW),
        ({"Null": {"k": "false"}}, {}, NOTHING),
        ({"Null": {"k": "false"}}, {"k": []}, NOTHING),
        ({"Bool": {"k": True}}, {"k": "true"}, ALLOW),
        ({"ArnLike": {"k": "arn:aws:iot:*:*:rule/*"}}, {"k": "arn:aws:iot:r:a:rule/x"}, ALLOW),
        ({"ForAllValues:StringLike": {"k": "a*"}}, {"k": ["a1", "a2"]}, ALLOW),
        ({"ForAllValues:StringLike": {"k": "a*"}}, {"k": ["a1", "b2"]}, NOTHING),
        ({"ForAllValues:StringLike": {"k": "a*"}}, {}, ALLOW),
        ({"ForAnyValue:StringLike": {"k": "a*"}}, {"k": ["b", "a"]}, ALLOW),
        ({"ForAnyValue:StringLike": {"k": "a*"}}, {}, NOTHING),
        ({"StringLike": {"k": "a*"}}, {"k": ["a1"]}, NOTHING),
        ({"NumericLessThan": {"k": "10"}}, {"k": "9"}, ALLOW),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], expected: Decision) -> None:
    assert judge(allow(Condition=condition), **context) is expected


@pytest.mark.parametrize("operator", ["DateLessThan", "IpAddress", "StringSortOf", "ForSomeValues:StringLike"])
def test_an_unknown_operator_denies_even_beside_an_allow(operator: str) -> None:
    assert judge(allow(), allow(Condition={operator: {"k": "a"}}), k="a") is DENY


def test_a_variable_is_filled_in_as_text_and_an_unknown_one_fits_nothing() -> None:
    by_tag = allow(Resource="arn:aws:s3:::b/tenant=${aws:PrincipalTag/tenant}/*")
    asked = {"resource": "arn:aws:s3:::b/tenant=t_1/x"}
    assert judge(by_tag, **asked, aws__principaltag_of_tenant="t_1") is ALLOW
    assert judge(by_tag, **asked, aws__principaltag_of_tenant="*") is NOTHING
    assert judge(by_tag, **asked) is NOTHING
    assert judge(allow(Resource="${some:Unknown}")) is NOTHING


def test_a_neighbour_whose_id_begins_alike_is_kept_out() -> None:
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#${aws:PrincipalTag/tenant}#*"]}}
    seen = [
        judge(allow(Condition=keys), **{"dynamodb:leadingkeys": [key]}, aws__principaltag_of_tenant="a")
        for key in ("T#a#M", "T#ab#M", "T#a-b#M", "T#A#M", "T#a", "T#a##M")
    ]
    assert seen == [ALLOW, NOTHING, NOTHING, NOTHING, NOTHING, ALLOW]


@pytest.mark.parametrize("extra", [{"NotPrincipal": "*"}, {"Effect": "Maybe"}, {"Colour": "red"}])
def test_a_statement_that_cannot_be_judged_is_refused_when_it_is_read(extra: dict[str, Any]) -> None:
    with pytest.raises(BadPolicy):
        policy.parse({"Statement": allow(**extra)})
