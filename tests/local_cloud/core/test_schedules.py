from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.cloud import Cloud, Credentials, Pki, Ports, Resource
from local_cloud.lambda_runtime.dispatcher import Outcome
from local_cloud.schedules import expressions
from local_cloud.schedules.expressions import BadExpression
from local_cloud.schedules.runner import Schedules
from local_cloud.schedules.sqs_source import failures

START = datetime(2026, 11, 24, 19, 7, 30, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(5 minutes)", datetime(2026, 11, 24, 19, 10, tzinfo=UTC)),
        ("rate(1 hour)", datetime(2026, 11, 24, 20, 0, tzinfo=UTC)),
        ("rate(1 day)", datetime(2026, 11, 25, tzinfo=UTC)),
        ("cron(0/15 * * * ? *)", datetime(2026, 11, 24, 19, 15, tzinfo=UTC)),
        ("cron(0 3 * * ? *)", datetime(2026, 11, 25, 3, 0, tzinfo=UTC)),
        ("cron(0 8 1 JAN ? *)", datetime(2027, 1, 1, 8, 0, tzinfo=UTC)),
        ("cron(30 6 ? * MON-FRI *)", datetime(2026, 11, 25, 6, 30, tzinfo=UTC)),
        ("cron(0 0 ? * SUN *)", datetime(2026, 11, 29, tzinfo=UTC)),
        ("cron(0 0 29 2 ? *)", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_the_next_time_of_an_expression(expression: str, expected: datetime) -> None:
    assert expressions.parse(expression).after(START) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(5 seconds)",
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? * ? *)",
        "cron(61 3 * * ? *)",
        "cron(0 3 L * ? *)",
        "every day",
    ],
)
def test_what_is_not_spoken_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        expressions.parse(expression)


def schedules(now: list[datetime], **more: Any) -> Schedules:
    target = {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:close", "Id": "0"} | more.pop("target", {})
    said = {"ScheduleExpression": "rate(5 minutes)", "Targets": [target]} | more
    rule = Resource("s", "R", "AWS::Events::Rule", "rule", "arn:aws:events:us-east-1:123456789012:rule/rule", said)
    cloud = Cloud(
        repository_root="",
        data_dir="",
        origin="",
        ports=Ports(*range(1, 8)),
        service_credentials=Credentials("a", "b"),
        admin_credentials=Credentials("a", "b"),
        session_key="",
        pki=Pki("", "", "", ""),
        resources=(rule,),
    )
    return Schedules(cloud, invoke=lambda _name, _payload: "", clock=lambda: now[0])


def test_a_schedule_is_due_once_per_period_and_missed_periods_are_not_made_up() -> None:
    now = [START]
    made = schedules(now)
    at = [START + timedelta(minutes=minutes) for minutes in (1, 3, 4, 60, 61)]
    assert [len(made.due(moment)) for moment in at] == [0, 1, 0, 1, 0]


def test_the_event_is_that_of_eventbridge() -> None:
    (due,) = schedules([START]).due(START + timedelta(minutes=3))
    assert due.function == "close"
    assert (due.event["source"], due.event["time"]) == ("aws.events", "2026-11-24T19:10:00Z")


def test_an_input_replaces_the_event() -> None:
    (due,) = schedules([START], target={"Input": '{"a": 1}'}).due(START + timedelta(minutes=3))
    assert due.event == {"a": 1}


def test_a_disabled_rule_never_runs() -> None:
    assert schedules([START], State="DISABLED").due(START + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("answer", "partial", "failed"),
    [
        (Outcome(b"null"), True, set()),
        (Outcome(b'{"batchItemFailures": []}'), True, set()),
        (Outcome(b'{"batchItemFailures": [{"itemIdentifier": "b"}]}'), True, {"b"}),
        (Outcome(b'{"batchItemFailures": [{"itemIdentifier": "b"}]}'), False, set()),
        (Outcome(b'{"batchItemFailures": [{"itemIdentifier": "z"}]}'), True, {"a", "b"}),
        (Outcome(b'{"batchItemFailures": [{"itemIdentifier": ""}]}'), True, {"a", "b"}),
        (Outcome(b"{}", "Unhandled"), True, {"a", "b"}),
    ],
)
def test_which_messages_of_a_batch_failed(answer: Outcome, partial: bool, failed: set[str]) -> None:
    assert failures(answer, ["a", "b"], partial=partial) == failed
