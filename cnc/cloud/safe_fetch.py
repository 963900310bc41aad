"""GET an address that a customer typed, without becoming their hand inside our network (server-side request forgery).

https on port 443 by name; the name is resolved here, every address it has must be public, and the connection goes to
one of those addresses: a name that answers differently a second later changes nothing. No redirects, no proxy of the
environment, no cookies, a limit for time and size. Everything is checked again at every call.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cnc.domain.base.errors import CncError

#: Blocks that no public service answers from: IANA special-purpose registries (v4, v6), multicast, and the ranges that
#: carry an IPv4 address inside an IPv6 one. `ipaddress.is_global` lets several of them through.
FORBIDDEN: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
MAX_BYTES = 256 * 1024
TIMEOUT_S = 4.0  # of one wait
DEADLINE_S = 6.0  # of the whole call, the name included
MOST_ADDRESS = 2000  # characters
_CHUNK = 16 * 1024

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system says. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


@cache
def _authorities() -> ssl.SSLContext:
    """Those the system trusts; read once, when the first address is asked."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class SafeFetch:
    """`own_hosts` are names of ours, which nobody outside may have us call.

    `loopback` is for development alone: http and https to this very computer, at any port.
    """

    own_hosts: frozenset[str] = frozenset()
    loopback: bool = False
    resolve: Resolve = resolve
    tls: Callable[[], ssl.SSLContext] = _authorities
    clock: Callable[[], float] = time.monotonic

    def check(self, address: str) -> None:
        """Raises CncError `address.refused` or `address.unreachable` when the address may or can not be asked."""
        self._checked(address)

    def get(self, address: str, *, accept: str = "application/json") -> bytes:
        """The body of a 200. Raises CncError `address.refused` and `address.unreachable`."""
        deadline = self.clock() + DEADLINE_S
        parts, host, port, reached = self._checked(address)
        try:
            return self._read(parts, host, port, reached, accept=accept, deadline=deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unreachable(address, f"{type(error).__name__}: {error}") from error

    def _checked(self, address: str) -> tuple[SplitResult, str, int, str]:
        """Parts, host, port, and the checked address to connect to."""
        parts, host, port = _parsed(address, loopback=self.loopback)
        if host in self.own_hosts:
            raise _refused(address, "a server that is not ours")
        if self.loopback and is_this_computer(host):
            return parts, host, port, "127.0.0.1" if host == "localhost" else host
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise _unreachable(address, f"the name {host} has no address") from error
        if not found:
            raise _unreachable(address, f"the name {host} has no address")
        if not all(is_public(one) for one in found):
            raise _refused(address, "a name whose every address is public")
        return parts, host, port, found[0]

    def _read(self, parts: SplitResult, host: str, port: int, reached: str, *, accept: str, deadline: float) -> bytes:
        connection = _Pinned(host, port, reached=reached, tls=self.tls() if parts.scheme == "https" else None)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "cnc-copilot"}
            connection.request("GET", target, headers=headers)
            with connection.getresponse() as answer:
                if answer.status != 200:
                    raise ValueError(f"it answered {answer.status}, expected 200 without a redirect")
                return self._body(answer, deadline=deadline)
        finally:
            connection.close()

    def _body(self, answer: http.client.HTTPResponse, *, deadline: float) -> bytes:
        body = bytearray()
        while chunk := answer.read1(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise ValueError(f"it answered more than {MAX_BYTES} bytes")
            if self.clock() > deadline:
                raise TimeoutError(f"it took longer than {DEADLINE_S:g} s")
        return bytes(body)


class _Pinned(http.client.HTTPConnection):
    """Speaks to `reached` and to nobody else; the name goes into SNI, the certificate check and `Host`."""

    def __init__(self, host: str, port: int, *, reached: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._reached, self._tls = reached, tls
        self.default_port = 443 if tls else 80  # Host names the port only where it is not the usual one

    def connect(self) -> None:
        plain = socket.create_connection((self._reached, self.port), timeout=TIMEOUT_S)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise


def is_public(text: str) -> bool:
    """Whether an address, as the resolver writes it, may be connected to."""
    try:
        address: Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not any(address.version == block.version and address in block for block in FORBIDDEN)


def is_this_computer(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _parsed(address: str, *, loopback: bool) -> tuple[SplitResult, str, int]:
    """Parts, the host in its canonical form, the port. Raises CncError `address.refused`."""
    if not 0 < len(address) <= MOST_ADDRESS or not address.isprintable() or " " in address or "\\" in address:
        raise _refused(address, f"an address of at most {MOST_ADDRESS} printable characters")
    try:
        parts = urlsplit(address)
        host, port = _canonical(parts.hostname or ""), parts.port
    except (ValueError, UnicodeError) as error:
        raise _refused(address, "https:// and a name") from error
    here = loopback and is_this_computer(host)
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise _refused(address, "https://")
    if "@" in parts.netloc or parts.fragment or not parts.path.isascii() or not parts.query.isascii():
        raise _refused(address, "neither a user nor a fragment, and ASCII after the name")
    if not here and (port not in (None, 443) or not _is_name(host)):
        raise _refused(address, "a name, at port 443")
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def _canonical(host: str) -> str:
    """Lower case, in the ASCII form of internationalised names, without the dot at the end."""
    return host.encode("idna").decode("ascii").lower().rstrip(".")


def _is_name(host: str) -> bool:
    """A public name: two labels or more, the last of which begins with a letter.

    Whatever ends in a number is read as an IPv4 address by some (127.1, 0x7f.1, 2130706433), a colon is IPv6.
    """
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or labels[-1] in ("local", "localhost", "internal", "home", "lan", "arpa"):
        return False
    return labels[-1][:1].isalpha() and all(
        0 < len(label) <= 63 and label.replace("-", "a").replace("_", "a").isalnum() for label in labels
    )


def _refused(address: str, expected: str) -> CncError:
    return CncError("address.refused", seen=address, expected=expected)


def _unreachable(address: str, why: str) -> CncError:
    return CncError("address.unreachable", seen=address, expected=f"an answer; {why}"[:300])
