"""Requests as Lambda sees them (HTTP API payload 2.0) and answers as people see them.

Shapes: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import CIMultiDict

from local_cloud.gateway.model import Api, Route

TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")
HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-connection", "host"}


def http_event(
    request: web.Request,
    body: bytes,
    *,
    api: Api,
    route: Route,
    parameters: Mapping[str, str],
    request_id: str,
    shown: Mapping[str, str],
) -> dict[str, Any]:
    """Without `requestContext.authorizer`; `shown` as in `headers`."""
    query = request.raw_path.partition("?")[2]
    at = datetime.now(UTC)
    domain = f"{api.id}.execute-api.local"
    sent = headers(request, domain, shown)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.rel_url.path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {
            "accountId": api.arn_prefix.split(":")[4],
            "apiId": api.id,
            "domainName": domain,
            "domainPrefix": api.id,
            "http": {
                "method": request.method,
                "path": request.rel_url.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.remote or "",
                "userAgent": request.headers.get("User-Agent", ""),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": api.stage,
            "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(at.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    cookies = [part.strip() for part in request.headers.get("Cookie", "").split(";") if part.strip()]
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = joined(parse_qsl(query, keep_blank_values=True))
    if parameters:
        event["pathParameters"] = dict(parameters)
    return _with_body(event, body, request.headers.get("Content-Type", ""))


def headers(request: web.Request, domain: str, shown: Mapping[str, str]) -> dict[str, str]:
    """Lower-case, repeated ones joined, the host of the API, and what CloudFront adds.

    `shown` are custom headers of the origin: they stand in place of what the client sent under their names.
    """
    kept = [(name.lower(), value) for name, value in request.headers.items() if name.lower() not in HOP | {"cookie"}]
    return {
        **joined(kept),
        **shown,
        "host": domain,
        "x-forwarded-for": request.remote or "",
        "x-forwarded-proto": request.scheme,
        "x-forwarded-port": str(request.url.port or 80),
    }


def joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    result: dict[str, str] = {}
    for name, value in pairs:
        result[name] = f"{result[name]},{value}" if name in result else value
    return result


def http_answer(payload: bytes) -> web.Response:
    """Raises ValueError when the function's answer has no valid form (API Gateway then says 500)."""
    answer = json.loads(payload or b"null")
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return web.json_response(text=json.dumps(answer))
    fields: CIMultiDict[str] = CIMultiDict()
    for name, value in (answer.get("headers") or {}).items():
        if str(name).lower() not in HOP | {"content-length"}:
            fields[str(name)] = str(value)
    for cookie in answer.get("cookies") or []:
        fields.add("Set-Cookie", str(cookie))
    body = str(answer.get("body") or "").encode()
    if answer.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise ValueError(f"body is not base64: {error}") from error
    if any("\r" in value or "\n" in value for value in fields.values()):
        raise ValueError("a header holds a line break")
    fields.setdefault("Content-Type", "text/plain;charset=UTF-8")
    return web.Response(status=int(answer["statusCode"]), headers=fields, body=body)


def _with_body(event: dict[str, Any], body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return event
    kind = content_type.partition(";")[0].strip().lower()
    textual = kind.startswith(TEXT_TYPES) or kind.endswith(("+json", "+xml"))
    try:
        return {**event, "body": body.decode()} if textual else {**event, **_encoded(body)}
    except UnicodeDecodeError:
        return {**event, **_encoded(body)}


def _encoded(body: bytes) -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
