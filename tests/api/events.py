"""Events of API Gateway as the functions meet them."""

import json
from typing import Any

from cnc.services.caller import Caller

#: What the front shows to the origins in these tests.
SHOWN = "what-the-front-shows"


class LambdaContext:
    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "cnc-test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:cnc-test"


def http(
    method: str,
    path: str,
    *,
    caller: Caller | None = None,
    body: Any = None,
    query: dict[str, str] | None = None,
    **headers: str,
) -> dict[str, Any]:
    """An event of an HTTP API, payload 2.0, as it comes behind the authorizer."""
    request: dict[str, Any] = {
        "requestId": "r-1",
        "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1", "userAgent": "t"},
        "stage": "$default",
        "accountId": "0",
        "apiId": "a",
        "domainName": "d",
        "domainPrefix": "d",
        "routeKey": "$default",
        "time": "",
        "timeEpoch": 0,
    }
    if caller is not None:
        request["authorizer"] = {"lambda": {"tenant": caller.tenant, **caller.facts()}}
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "queryStringParameters": query or None,
        "headers": {"content-type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": request,
        "body": text,
        "isBase64Encoded": False,
    }


def socket(
    kind: str,
    connection: str = "c1=",
    *,
    body: Any = None,
    ticket: str | None = None,
    shown: str = SHOWN,
    **headers: str,
) -> dict[str, Any]:
    """An event of a WebSocket API; `kind` is CONNECT, MESSAGE or DISCONNECT, `shown` what the front adds."""
    event: dict[str, Any] = {
        "requestContext": {"eventType": kind, "connectionId": connection, "requestId": "r-1"},
        "isBase64Encoded": False,
    }
    if kind == "CONNECT":
        event["headers"] = {"Sec-WebSocket-Protocol": "graphql-transport-ws", "X-Cnc-Origin": shown} | {
            name.replace("_", "-").title(): value for name, value in headers.items()
        }
        event["queryStringParameters"] = None if ticket is None else {"ticket": ticket}
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    return event
