"""The two faces of Lambda: Invoke for callers, the Runtime API for workers."""

import json
import uuid
from urllib.parse import unquote

from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.identities import function_name
from local_cloud.lambda_runtime.asynchronous import AsyncInvoker
from local_cloud.lambda_runtime.dispatcher import Dispatcher, Outcome, Throttled, UnknownFunction
from local_cloud.service_client import Reply

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_SYNC_BYTES, MOST_EVENT_BYTES, MOST_ANSWER_BYTES = 6_291_456, 1_048_576, 6_291_556
_RUNTIME = "/2018-06-01/runtime/"


class LambdaApi:
    def __init__(self, dispatcher: Dispatcher, invoker: AsyncInvoker) -> None:
        self._dispatcher = dispatcher
        self._invoker = invoker

    async def invoke(self, call: Call) -> Reply:
        """Raises AwsError."""
        if not call.path.endswith("/invocations"):
            raise AwsError(501, "NotImplementedException", f"{call.method} {call.path} does not run in the local cloud")
        name = function_name(unquote(call.path.partition("/functions/")[2].partition("/invocations")[0]))
        kind = call.headers.get("x-amz-invocation-type", "RequestResponse")
        limit = MOST_EVENT_BYTES if kind == "Event" else MOST_SYNC_BYTES
        if len(call.body) > limit:
            raise AwsError(413, "RequestTooLargeException", f"{len(call.body)} bytes, at most {limit} for {kind}")
        payload = call.body or b"{}"
        try:
            if kind == "Event":
                return Reply(202, {"x-amzn-RequestId": self._invoker.accept(name, payload)}, b"")
            if kind == "DryRun":
                return Reply(204, {}, b"")
            request_id = str(uuid.uuid4())
            outcome = await self._dispatcher.invoke(name, payload, request_id=request_id)
        except UnknownFunction:
            raise AwsError(404, "ResourceNotFoundException", f"Function not found: {name}") from None
        except Throttled:
            raise AwsError(429, "TooManyRequestsException", "Rate Exceeded.") from None
        headers = {
            "x-amzn-RequestId": request_id,
            "X-Amz-Executed-Version": "$LATEST",
            "Content-Type": "application/json",
        }
        if outcome.error:
            headers["X-Amz-Function-Error"] = outcome.error
        return Reply(200, headers, outcome.payload)

    async def runtime(self, method: str, path: str, body: bytes) -> Reply:
        """`/runtime/<token>/2018-06-01/runtime/…` of one worker."""
        token, _, rest = path.removeprefix("/runtime/").partition(_RUNTIME)
        try:
            match rest.split("/"):
                case ["invocation", "next"] if method == "GET":
                    return await self._next(token)
                case ["invocation", request_id, "response"]:
                    self._dispatcher.finish(token, request_id, _answered(body))
                case ["invocation", request_id, "error"]:
                    self._dispatcher.finish(token, request_id, Outcome(body, "Unhandled"))
                case ["init", "error"]:
                    self._dispatcher.init_error(token, body)
                case _:
                    return Reply(404, {}, b"{}")
        except KeyError:
            return Reply(403, {}, b'{"errorType":"Forbidden"}')
        return Reply(202, {}, b'{"status":"OK"}')

    async def _next(self, token: str) -> Reply:
        spec, invocation = await self._dispatcher.next(token)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": spec.arn,
            "Content-Type": "application/json",
        }
        return Reply(200, headers, invocation.payload)


def _answered(body: bytes) -> Outcome:
    """The function's answer; one that is too large is an error of the function, as in AWS."""
    if len(body) <= MOST_ANSWER_BYTES:
        return Outcome(body)
    message = f"Response payload size exceeded maximum allowed payload size ({MOST_ANSWER_BYTES} bytes)."
    said = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
    return Outcome(json.dumps(said).encode(), "Unhandled")
