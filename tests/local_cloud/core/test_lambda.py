import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import Cloud
from local_cloud.service_client import DoorRefused, ServiceClient
from tests.local_cloud.core.running import Running, unique, until


def invoke(running: Running, event: dict[str, Any], function: str = "sample-tricks") -> tuple[str | None, Any]:
    answer = running.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def count(running: Running, key: str) -> int:
    got = running.client("dynamodb").get_item(
        TableName="sample-rows", Key={"p": {"S": "count"}, "s": {"S": key}}, ConsistentRead=True
    )
    return int(got.get("Item", {}).get("n", {"N": "0"})["N"])


def test_a_function_answers_with_the_environment_of_the_template(running: Running) -> None:
    error, answer = invoke(running, {"do": "echo", "x": 1})
    assert error is None
    assert (answer["event"], answer["function"], answer["stage"]) == ({"do": "echo", "x": 1}, "sample-tricks", "test")
    assert 0 < answer["left_ms"] <= 2000


def test_what_lambda_does_beside_invoking_is_refused_by_name(running: Running) -> None:
    with pytest.raises(ClientError, match=r"GET /2015-03-31/functions.* does not run in the local cloud"):
        running.client("lambda", attempts=1).list_functions()


def test_a_worker_is_kept_warm(running: Running) -> None:
    first, second = (invoke(running, {"do": "echo"})[1] for _ in range(2))
    assert first["pid"] == second["pid"]
    assert second["calls"] == first["calls"] + 1
    assert first["request"] != second["request"]


def test_an_exception_comes_back_with_its_type_and_the_worker_lives_on(running: Running) -> None:
    before = invoke(running, {"do": "echo"})[1]["pid"]
    error, answer = invoke(running, {"do": "raise"})
    assert (error, answer["errorType"], answer["errorMessage"]) == ("Unhandled", "ValueError", "asked to raise")
    assert invoke(running, {"do": "echo"})[1]["pid"] == before


def test_a_function_over_its_timeout_is_killed_and_the_next_call_gets_a_fresh_worker(running: Running) -> None:
    before = invoke(running, {"do": "echo"})[1]["pid"]
    error, answer = invoke(running, {"do": "sleep", "seconds": 60})
    assert error == "Unhandled"
    assert "Task timed out after 2.00 seconds" in answer["errorMessage"]
    assert invoke(running, {"do": "echo"})[1]["pid"] != before


def test_a_worker_that_ends_itself_is_an_error_of_the_function(running: Running) -> None:
    error, answer = invoke(running, {"do": "exit"})
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert invoke(running, {"do": "echo"})[0] is None


def test_an_event_runs_later_and_once(running: Running) -> None:
    key = unique("event")
    payload = json.dumps({"do": "count", "p": "count", "s": key}).encode()
    answer = running.client("lambda").invoke(FunctionName="sample-tricks", Payload=payload, InvocationType="Event")
    assert answer["StatusCode"] == 202
    until(lambda: count(running, key) == 1, what="the event to be counted")


def test_a_failed_event_without_retries_goes_to_the_failure_destination(running: Running) -> None:
    key = unique("fails")
    payload = json.dumps({"do": "count", "p": "count", "s": key, "then": "raise"}).encode()
    running.client("lambda").invoke(FunctionName="sample-tricks", Payload=payload, InvocationType="Event")
    sqs, url = running.client("sqs"), running.queue("sample-failed")
    messages = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), what="the record")
    record = json.loads(messages[0]["Body"])
    assert record["requestPayload"]["s"] == key
    assert record["responsePayload"]["errorType"] == "ValueError"
    assert count(running, key) == 1


def test_reserved_concurrency_throttles_the_second_caller(running: Running) -> None:
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(invoke, running, {"do": "sleep", "seconds": 4}, "sample-reserved")

        def throttled() -> bool:
            try:
                running.client("lambda", attempts=1).invoke(FunctionName="sample-reserved", Payload=b"{}")
            except ClientError as error:
                return error.response["Error"]["Code"] == "TooManyRequestsException"
            return False

        until(throttled, within_s=10, what="a throttled call")
        assert slow.result()[0] is None


def test_an_unknown_function_is_not_found(running: Running) -> None:
    with pytest.raises(ClientError) as refused:
        running.client("lambda").invoke(FunctionName="sample-nobody", Payload=b"{}")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_an_event_larger_than_1_mib_is_refused(running: Running) -> None:
    payload = json.dumps({"x": "y" * 1_048_576}).encode()
    with pytest.raises(ClientError) as refused:
        running.client("lambda").invoke(FunctionName="sample-tricks", Payload=payload, InvocationType="Event")
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"


async def test_a_service_invokes_only_what_a_permission_names(running: Running) -> None:
    cloud: Cloud = running.cloud.cloud
    rule = f"arn:aws:iot:us-east-1:{cloud.account}:rule/"
    rules, events = (
        ServiceClient(cloud, principal="iot.amazonaws.com"),
        ServiceClient(cloud, principal="events.amazonaws.com"),
    )
    try:
        assert (await rules.invoke("sample-tricks", b"{}", source_arn=rule + "sample")).status == 200
        for client, source in ((rules, rule + "other"), (events, rule + "sample")):
            with pytest.raises(DoorRefused, match="403"):
                await client.invoke("sample-tricks", b"{}", source_arn=source)
    finally:
        await rules.close()
        await events.close()


def test_a_killed_zygote_comes_back_and_functions_answer_again(running: Running) -> None:
    invoke(running, {"do": "echo"})
    os.kill(running.cloud.pids()["lambda:zygote:0"], signal.SIGKILL)
    until(lambda: invoke(running, {"do": "echo"})[0] is None, within_s=30, what="an answer after the kill")


def test_workers_are_named_in_the_process_map(running: Running) -> None:
    pid = invoke(running, {"do": "echo"})[1]["pid"]
    named = until(lambda: [name for name, one in running.cloud.pids().items() if one == pid], what="the worker's name")
    assert named[0].startswith("lambda:sample-tricks:")
