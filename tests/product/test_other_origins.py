"""A program in a browser, on a page of another origin, with a credential of its own: what Chromium lets through."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.product.running import Product

pytestmark = [pytest.mark.cloud, pytest.mark.browser]
CALL = """async ([url, options]) => {
  const answer = await fetch(url, options);
  const seen = Object.fromEntries(['x-request-id', 'www-authenticate', 'allow'].map((n) => [n, answer.headers.get(n)]));
  return { status: answer.status, text: await answer.text(), ...seen };
}"""


class Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A blank page of an origin that the product does not know."""
    server = HTTPServer(("127.0.0.1", 0), Blank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    page = context.new_page()
    page.goto(f"http://localhost:{server.server_port}/")
    yield page
    server.shutdown()
    thread.join()
    server.server_close()


def call(page: Page, url: str, *, key: str = "", **options: Any) -> dict[str, Any]:
    headers = {"content-type": "application/json", "x-client": "test"} | (
        {"authorization": f"Bearer {key}"} if key else {}
    )
    found: dict[str, Any] = page.evaluate(CALL, [url, {"headers": headers, **options}])
    return found


def test_graphql_and_rest_answer_a_page_of_another_origin(product: Product, page: Page) -> None:
    graphql, rest = product.endpoints["graphql"], product.endpoints["rest"].rstrip("/")
    asked = call(page, graphql, key=product.key(), method="POST", body='{"query":"{ viewer { tenantName } }"}')
    assert (asked["status"], "Northwind" in asked["text"]) == (200, True)
    assert asked["x-request-id"]
    assert call(page, f"{rest}/machines", key=product.key())["status"] == 200


def test_refusals_can_be_read_there_too(product: Product, page: Page) -> None:
    graphql, rest = product.endpoints["graphql"], product.endpoints["rest"].rstrip("/")
    missing = call(page, graphql, method="POST", body="{}")
    assert (missing["status"], missing["www-authenticate"]) == (401, 'Bearer realm="cnc"')
    assert "auth.missing" in missing["text"]
    wrong = call(page, f"{rest}/machines", key=product.key(), method="DELETE")
    assert (wrong["status"], wrong["allow"]) == (405, "GET, POST")


def test_a_page_of_another_origin_reads_nothing_of_the_portal(product: Product, page: Page) -> None:
    tried = page.evaluate("(url) => fetch(url).then(() => 'read', () => 'kept')", product.endpoints["portal"])
    assert tried == "kept"
