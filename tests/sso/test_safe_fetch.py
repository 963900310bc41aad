"""Addresses that customers type: what is asked, what never is, and that the checked address is the one connected to."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from cnc.cloud import safe_fetch
from cnc.cloud.safe_fetch import FORBIDDEN, SafeFetch, is_public
from cnc.domain.base.errors import CncError

INSIDE = [
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "", "localhost", "1.2.3",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [text for text in INSIDE if text.count(".") == 3 or ":" in text])
def test_one_inner_address_among_outer_ones_refuses_a_name(address: str) -> None:
    fetch = SafeFetch(resolve=lambda host, port: ["8.8.8.8", address])
    with pytest.raises(CncError) as refused:
        fetch.get("https://idp.example.com/metadata")
    assert refused.value.code == "address.refused"


@pytest.mark.parametrize(
    "address",
    [
        "http://idp.example.com/",
        "ftp://idp.example.com/",
        "file:///etc/passwd",
        "gopher://idp.example.com/",
        "https://idp.example.com:8443/",
        "https://user@idp.example.com/",
        "https://user:secret@idp.example.com/",
        "https://idp.example.com@127.0.0.1/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://①②⑦.⓪.⓪.①/",
        "https://１２７.０.０.１/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://1.0.0.127.in-addr.arpa/",
        "https://intranet/",
        "https://idp.example.com\\@127.0.0.1/",
        "https://idp.example.com /",
        "https://idp.example.com/\r\nHost: inside",
        "https://idp.example.com#fragment",
        "https://idp..example.com/",
        "https://-/",
        "https:///path",
        "https://" + "a" * 2000 + ".com/",
        "",
        "//idp.example.com/",
        "https://portal.example.com/v1",
        "https://PORTAL.example.com./v1",
    ],
)
def test_an_address_that_could_mean_something_inside_is_refused_before_any_name_is_asked(address: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    fetch = SafeFetch(resolve=never, own_hosts=frozenset({"portal.example.com"}))
    with pytest.raises(CncError) as refused:
        fetch.get(address)
    assert refused.value.code == "address.refused"


class Site(http.server.BaseHTTPRequestHandler):
    """Answers what its path says and remembers how it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
            return
        body = b"x" * (safe_fetch.MAX_BYTES + 1) if self.path == "/large" else b'{"ok": true}'
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def test_loopback_is_asked_only_where_development_allows_it(site: str) -> None:
    assert SafeFetch(loopback=True).get(f"{site}/x") == b'{"ok": true}'
    with pytest.raises(CncError):
        SafeFetch().get(f"{site}/x")
    with pytest.raises(CncError):  # the flag opens this computer, not the network around it
        SafeFetch(loopback=True).get("http://10.0.0.1/x")
    with pytest.raises(CncError):
        SafeFetch(loopback=True, resolve=lambda *_: ["127.0.0.1"]).get("https://idp.example.com/x")


@pytest.mark.parametrize("path", ["/redirect", "/large", "/broken"])
def test_a_redirect_a_flood_and_an_error_are_failures(site: str, path: str) -> None:
    with pytest.raises(CncError) as failed:
        SafeFetch(loopback=True).get(site + path)
    assert failed.value.code == "address.unreachable"
    assert [asked for asked, _ in Site.asked] == [path]


def test_neither_proxies_nor_cookies_are_used(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    fetch = SafeFetch(loopback=True)
    fetch.get(f"{site}/1")
    fetch.get(f"{site}/2")
    assert all("cookie" not in headers for _, headers in Site.asked)
    assert Site.asked[0][1]["host"] == site.removeprefix("http://")


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers otherwise a moment later (rebinding) is not asked a second time."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    reached: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError("nobody is there")

    monkeypatch.setattr(socket, "create_connection", connect)
    fetch = SafeFetch(resolve=lambda host, port: answers.pop(0))
    with pytest.raises(CncError) as failed:
        fetch.get("https://rebind.example.com/")
    assert failed.value.code == "address.unreachable"
    assert reached == [("93.184.216.34", 443)]
    with pytest.raises(CncError) as refused:  # and the next call checks again
        fetch.get("https://rebind.example.com/")
    assert refused.value.code == "address.refused"


def test_a_name_that_does_not_exist_is_told_as_such() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror("not known")

    with pytest.raises(CncError, match="no address"):
        SafeFetch(resolve=nobody).get("https://nobody.example.com/")


def test_the_list_says_each_block_once() -> None:
    assert len(set(FORBIDDEN)) == len(FORBIDDEN) == 29
