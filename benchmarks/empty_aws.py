"""A process-internal AWS that answers every call with nothing stored, for the CPU of a function's first request.

Only what the read side calls: STS AssumeRole, reads of DynamoDB, and the counts of what was spent and used.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

_SESSION: Final = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>bench</AccessKeyId><SecretAccessKey>bench</SecretAccessKey><SessionToken>bench</SessionToken>
<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
_ANSWERS: Final = {
    "GetItem": {},
    "PutItem": {},
    "UpdateItem": {"Attributes": {}},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
}


class _Empty(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        body, kind = (
            (_SESSION, "text/xml") if not target else (json.dumps(_ANSWERS[target]), "application/x-amz-json-1.0")
        )
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's word
        """Nothing: one line per call would hide the table."""


@contextmanager
def empty_aws() -> Iterator[str]:
    """The URL of the endpoint while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
