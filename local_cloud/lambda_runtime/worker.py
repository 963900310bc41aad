"""One Lambda execution environment: imports the handler, then takes invocations from the Runtime API until it ends.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Handler = Callable[[Any, Any], Any]
_VERSION = "/2018-06-01/runtime"


@dataclass(frozen=True)
class LambdaContext:
    """What a handler gets beside the event."""

    aws_request_id: str
    invoked_function_arn: str
    function_name: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    deadline_ms: int
    function_version: str = "$LATEST"
    client_context: None = None
    identity: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.deadline_ms - int(time.time() * 1000))


class RuntimeApi:
    """The worker's side of the Runtime API; one kept connection."""

    def __init__(self, address: str) -> None:
        host, _, self._prefix = address.partition("/")
        self._connection = http.client.HTTPConnection(host)

    def next(self) -> tuple[Mapping[str, str], bytes]:
        """Blocks until there is an invocation."""
        answer = self._call("GET", "/invocation/next", b"", {})
        return dict(answer.headers.items()), answer.read()

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._call("POST", path, body, headers or {}).read()

    def _call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, f"/{self._prefix}{_VERSION}{path}", body, dict(headers))
        answer = self._connection.getresponse()
        if answer.status >= 300:
            raise ConnectionError(f"{method} {path}: {answer.status}")
        return answer


def serve(environment: Mapping[str, str]) -> int:
    """Run until the Runtime API goes away (0) or the handler cannot be imported (1)."""
    api = RuntimeApi(environment["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(environment["_HANDLER"])
    except Exception as error:  # noqa: BLE001 - whatever an import raises is the function's error, not ours
        traceback.print_exc()  # into the function's log: callers of an API hear "Internal Server Error" alone
        api.post("/init/error", _error(error), {"Lambda-Runtime-Function-Error-Type": "Runtime.ImportModuleError"})
        return 1
    try:
        while True:
            headers, body = api.next()
            _one(api, handler, headers, body, environment)
    except (OSError, http.client.HTTPException):
        return 0


def load(name: str) -> Handler:
    """`package.module.function` or `package/module.function`."""
    module, _, attribute = name.replace("/", ".").rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), attribute)
    return handler


def _one(
    api: RuntimeApi, handler: Handler, headers: Mapping[str, str], body: bytes, environment: Mapping[str, str]
) -> None:
    request = headers["Lambda-Runtime-Aws-Request-Id"]
    context = LambdaContext(
        aws_request_id=request,
        invoked_function_arn=headers["Lambda-Runtime-Invoked-Function-Arn"],
        function_name=environment["AWS_LAMBDA_FUNCTION_NAME"],
        memory_limit_in_mb=environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=environment["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=environment["AWS_LAMBDA_LOG_STREAM_NAME"],
        deadline_ms=int(headers["Lambda-Runtime-Deadline-Ms"]),
    )
    started = time.monotonic()
    try:
        result = json.dumps(handler(json.loads(body), context)).encode()
    except Exception as error:  # noqa: BLE001 - the boundary of the function: its error becomes an answer
        traceback.print_exc()
        outcome, result = "error", _error(error)
    else:
        outcome = "response"
    print(f"REPORT RequestId: {request} {outcome} {(time.monotonic() - started) * 1000:.1f} ms", flush=True)
    sys.stderr.flush()
    api.post(f"/invocation/{request}/{outcome}", result)


def _error(error: Exception) -> bytes:
    lines = traceback.format_exception(error)
    return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": lines}).encode()


def become(environment: Mapping[str, str], *, paths: list[str]) -> None:
    """Turn this process into the worker: its environment, its import path, then its loop. Never returns."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.path[:0] = [path for path in paths if path and path not in sys.path]
    status = serve(environment)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
