"""Invocations: what comes back, what is refused, what happens later."""

import json
from typing import Any

import pytest

from tests.conformance.asking import key, refusal
from tests.conformance.targets import Target, unique
from tests.conformance.template import TIMEOUT_S

MB = 1024 * 1024


@pytest.fixture(scope="module")
def functions(target: Target) -> Any:
    return target.client("lambda", attempts=1)


def invoke(functions: Any, name: str, **event: Any) -> tuple[dict[str, Any], Any]:
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return answer, json.loads(answer["Payload"].read())


def test_a_function_answers_its_caller(target: Target, functions: Any) -> None:
    answer, said = invoke(functions, target.names.function, text="ü", number=1.5)
    assert (answer["StatusCode"], "FunctionError" in answer, answer["ExecutedVersion"]) == (200, False, "$LATEST")
    assert (said["event"], said["function"], said["stage"]) == (
        {"text": "ü", "number": 1.5}, target.names.function, "test",
    )  # fmt: skip
    assert 0 < said["left_ms"] <= TIMEOUT_S * 1000


def test_an_invocation_has_one_id_for_caller_and_function(target: Target, functions: Any) -> None:
    answer, said = invoke(functions, target.names.function)
    assert said["request"] == answer["ResponseMetadata"]["RequestId"]


def test_a_function_has_a_session_of_its_role(target: Target, functions: Any) -> None:
    assert invoke(functions, target.names.function)[1]["role_key"] == "ASIA"


def test_an_error_of_the_function_is_a_200_with_its_kind(target: Target, functions: Any) -> None:
    answer, said = invoke(functions, target.names.function, do="raise")
    assert (answer["StatusCode"], answer.get("FunctionError")) == (200, "Unhandled")
    assert (said["errorType"], said["errorMessage"]) == ("ValueError", "asked to raise")
    assert isinstance(said["stackTrace"], list)


def test_a_function_is_ended_at_its_timeout(target: Target, functions: Any) -> None:
    answer, said = invoke(functions, target.names.function, do="sleep", seconds=TIMEOUT_S + 8)
    assert (answer["StatusCode"], answer.get("FunctionError")) == (200, "Unhandled")
    assert f"Task timed out after {TIMEOUT_S}.00 seconds" in said["errorMessage"]


def test_a_request_over_6_mb_is_refused(target: Target, functions: Any) -> None:
    status, code = refusal(functions.invoke, FunctionName=target.names.function, Payload=b'"' + b"x" * 6 * MB + b'"')
    assert (status, "TooLarge" in code) == (413, True)


def test_an_answer_over_6_mb_is_an_error_of_the_function(target: Target, functions: Any) -> None:
    answer, said = invoke(functions, target.names.function, do="large", characters=6 * MB + 200)
    assert (answer["StatusCode"], answer.get("FunctionError")) == (200, "Unhandled")
    assert said["errorType"] == "Function.ResponseSizeTooLarge"


def test_an_event_over_1_mb_is_refused(target: Target, functions: Any) -> None:
    payload = b'"' + b"x" * (MB + 1024) + b'"'
    asked = {"FunctionName": target.names.function, "InvocationType": "Event", "Payload": payload}
    status, code = refusal(functions.invoke, **asked)
    assert (status, "TooLarge" in code) == (413, True)


def test_a_function_without_reserved_concurrency_left_is_throttled(target: Target, functions: Any) -> None:
    asked = {"FunctionName": target.names.reserved, "Payload": b"{}"}
    assert refusal(functions.invoke, **asked) == (429, "TooManyRequestsException")


def test_a_function_that_is_not_there(functions: Any) -> None:
    assert refusal(functions.invoke, FunctionName="conformance-none") == (404, "ResourceNotFoundException")


def test_an_asynchronous_invocation_is_accepted_before_it_runs_and_takes_effect(target: Target) -> None:
    row = key("conformance", unique("event"))
    payload = json.dumps({"do": "count", "p": row["p"]["S"], "s": row["s"]["S"]}).encode()
    asked = {"FunctionName": target.names.function, "InvocationType": "Event", "Payload": payload}
    answer = target.client("lambda").invoke(**asked)
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    read = {"TableName": target.names.table, "Key": row, "ConsistentRead": True}
    table = target.client("dynamodb")
    target.until(lambda: "Item" in table.get_item(**read), what="the effect")


def test_an_asynchronous_failure_is_told_to_its_destination(target: Target) -> None:
    event = {"do": "raise", "mark": unique("mark")}
    asked = {"FunctionName": target.names.function, "InvocationType": "Event", "Payload": json.dumps(event).encode()}
    target.client("lambda").invoke(**asked)
    sqs, queue = target.client("sqs"), target.queue_url("failed")

    def told() -> str | None:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=10).get("Messages", [])
        return next((one["Body"] for one in found if event["mark"] in one["Body"]), None)

    body = json.loads(target.until(told, what="the failure"))
    assert body["requestPayload"] == event
    assert body["requestContext"]["condition"] == "RetriesExhausted"
    assert body["responsePayload"]["errorType"] == "ValueError"
