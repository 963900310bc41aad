"""The REST function and its authorizer behind a plain HTTP server, as API Gateway puts them together."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.api.events import SHOWN, LambdaContext, http


class Gateway(BaseHTTPRequestHandler):
    """One request after the other: a worker of Lambda has one at a time too."""

    rest: ModuleType
    authorizer: ModuleType

    def answer(self) -> None:
        event = self._event()
        decided = self.authorizer.lambda_handler(event, LambdaContext())
        if not decided["isAuthorized"]:
            self._send(403, {"content-type": "application/json"}, b'{"message":"Forbidden"}')
            return
        event["requestContext"]["authorizer"] = {"lambda": decided["context"]}
        response = self.rest.lambda_handler(event, LambdaContext())
        self._send(response["statusCode"], response["headers"], (response.get("body") or "").encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = answer  # noqa: N815

    def _event(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        event = http(self.command, unquote(urlsplit(path).path))
        size = int(self.headers.get("content-length") or 0)
        event |= {"body": b64encode(self.rfile.read(size)).decode(), "isBase64Encoded": True} if size else {}
        event["rawQueryString"] = query
        pairs: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            pairs[name] = f"{pairs[name]},{value}" if name in pairs else value
        event["queryStringParameters"] = pairs or None
        event["headers"] = {name.lower(): value for name, value in self.headers.items()} | {"x-cnc-origin": SHOWN}
        return event

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def serving(*, rest: ModuleType, authorizer: ModuleType) -> Iterator[str]:
    """The address, while it answers."""
    handler = type("Bound", (Gateway,), {"rest": rest, "authorizer": authorizer})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
