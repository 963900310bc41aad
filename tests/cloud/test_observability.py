"""Log lines carry the request and the tenant; metrics go out as lines of their own."""

import json
from typing import Any

import pytest

from cnc.cloud.observability import Observer


class LambdaContext:
    aws_request_id = "r-1"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_request_and_tenant_are_in_every_line_of_the_call_and_gone_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    observer = Observer("test-keys")

    @observer.observed
    def handler(_event: Any, _context: Any) -> None:
        observer.log.info("inside")

    handler({"tenant": "t_1"}, LambdaContext())
    observer.log.info("outside")
    inside, outside = lines(capsys)
    assert (inside["request_id"], inside["tenant"]) == ("r-1", "t_1")
    assert "tenant" not in outside


def test_counts_above_zero_are_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    observer = Observer("test-metrics")
    observer.count({"Stored": 3, "Quarantined": 0})
    observer.flush()
    observer.flush()
    (line,) = lines(capsys)
    assert line["Stored"] == [3.0]
    assert "Quarantined" not in line
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "CncCopilot"


def test_a_failure_is_logged_counted_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    observer = Observer("test-failure")

    @observer.observed
    def handler(_event: Any, _context: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        handler({}, LambdaContext())
    logged, metric = lines(capsys)
    assert (logged["level"], logged["kind"]) == ("ERROR", "ZeroDivisionError")
    assert metric["Failed"] == [1.0]
