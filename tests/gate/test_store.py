"""A gateway fetches contents from the store of the product and lets itself be sent nowhere else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from greengrass_components.focas.gate.store import MOST_BYTES, Store

AMAZON = Store("abc-ats.iot.eu-central-1.amazonaws.com")
SIGNED = "/tenant%3Dt/kind%3Dprogram?X-Amz-Signature=00"


@pytest.mark.parametrize(
    "host",
    [
        "bucket.s3.eu-central-1.amazonaws.com",
        "s3.eu-central-1.amazonaws.com",
        "b.s3.amazonaws.com",
        "B.S3.AmazonAWS.com",
    ],
)
@pytest.mark.parametrize("store", [AMAZON, Store("")])
def test_the_store_of_amazon_is_asked(store: Store, host: str) -> None:
    assert store.checked(f"https://{host}{SIGNED}") == f"https://{host}{SIGNED}"


@pytest.mark.parametrize(
    "url",
    [
        "http://b.s3.eu-central-1.amazonaws.com/x",
        "https://b.s3.eu-central-1.amazonaws.com:8443/x",
        "https://user@b.s3.eu-central-1.amazonaws.com/x",
        "https://b.s3.eu-central-1.amazonaws.com.evil.example/x",
        "https://evil.example/b.s3.eu-central-1.amazonaws.com",
        "https://evil.example\\@b.s3.eu-central-1.amazonaws.com/x",
        "https://api.execute-api.eu-central-1.amazonaws.com/x",
        "https://amazonaws.com/x",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[/x",
        "https://b.s3.amazonaws.com:99999/x",
        "http://10.0.0.5/admin",
        "file:///etc/passwd",
        "ftp://b.s3.amazonaws.com/x",
        "gopher://127.0.0.1/x",
        "",
    ],
)
def test_no_other_server_is_asked(url: str) -> None:
    with pytest.raises(OSError, match=r"store of the product|address"):
        AMAZON.checked(url)
    with pytest.raises(OSError, match=r"store of the product|address"):
        Store("").checked(url)


def test_a_gateway_of_a_cloud_on_this_computer_asks_this_computer() -> None:
    local = Store("localhost")
    assert local.checked("http://127.0.0.1:4566/b/x")
    for url in ("http://127.0.0.2/x", "http://10.0.0.5/x", "ftp://localhost/x"):
        with pytest.raises(OSError, match="store of the product"):
            local.checked(url)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/content")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * (MOST_BYTES + 5 if self.path == "/huge" else 7))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def here() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


async def test_redirects_and_bombs_are_refused(here: str) -> None:
    store = Store("127.0.0.1")
    assert await store.fetch(f"{here}/content") == b"x" * 7
    with pytest.raises(OSError, match="302"):
        await store.fetch(f"{here}/moved")
    with pytest.raises(OSError, match="more than"):
        await store.fetch(f"{here}/huge")
