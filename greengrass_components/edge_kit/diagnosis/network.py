"""Name, route and port: what lies below every protocol."""

import asyncio
import errno
import ipaddress
import os
import socket
import time
from dataclasses import dataclass

from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Verdict
from greengrass_components.edge_kit.diagnosis.stream import Stream


@dataclass(frozen=True, slots=True)
class Service:
    """What should listen there, and where its port is set on the device."""

    name: str
    port: int
    setting: str


def since_ms(started: float) -> float:
    """Milliseconds since a `time.monotonic()`."""
    return (time.monotonic() - started) * 1000


def is_address(host: str) -> bool:
    """Whether `host` is a literal IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def check_name(host: str, port: int, *, timeout_s: float) -> tuple[Finding, str]:
    """The address of a host; "" when there is none."""
    if is_address(host):
        return Finding(
            Layer.NAME, "address", Verdict.OK, f"{host} is an address, no name has to be resolved", 0.0
        ), host
    started, loop = time.monotonic(), asyncio.get_running_loop()
    why = f"no name server answered within {timeout_s:g} s"
    try:
        async with asyncio.timeout(timeout_s):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(sorted(found, key=lambda info: info[0] != socket.AF_INET)[0][4][0])
        return Finding(Layer.NAME, "name", Verdict.OK, f"{host} is {address}", since_ms(started)), address
    except TimeoutError:
        pass
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
    todo = (
        "use the IP address that the Ethernet screen of the control shows, or have the name entered in the name server "
        "that this computer asks; check the spelling"
    )
    return Finding(Layer.NAME, "name", Verdict.FAILED, f"{host} has no address: {why}", since_ms(started), todo), ""


def check_route(address: str, port: int) -> tuple[Finding, str]:
    """The own address that packets to `address` leave from; "" without a route. Nothing is sent."""
    started = time.monotonic()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, port))
            own = str(probe.getsockname()[0])
        except OSError as error:
            todo = (
                "give this computer an address in the network of the machine, or a route to it: connect the machine "
                "network's cable, or ask for a route on the gateway of this network"
            )
            seen = f"this computer has no way to {address}: {os.strerror(error.errno or 0)}"
            return Finding(Layer.ROUTE, "route", Verdict.FAILED, seen, since_ms(started), todo), ""
    seen = f"packets to {address} leave from {own}"
    return Finding(Layer.ROUTE, "route", Verdict.OK, seen, since_ms(started)), own


async def check_port(
    address: str, port: int, *, service: Service, own: str, timeout_s: float
) -> tuple[Finding, Stream | None]:
    """An open connection, or why there is none."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return _no_port(started, *_silent(address, port, service, own, timeout_s)), None
    except OSError as error:
        return _no_port(started, *_refused(error, address, port, service, own)), None
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen = f"{address}:{port} accepted a connection"
    return Finding(Layer.PORT, "port", Verdict.OK, seen, since_ms(started)), Stream(reader, writer, timeout_s)


def _no_port(started: float, seen: str, todo: str) -> Finding:
    return Finding(Layer.PORT, "port", Verdict.FAILED, seen, since_ms(started), todo)


def _silent(address: str, port: int, service: Service, own: str, timeout_s: float) -> tuple[str, str]:
    seen = f"{address}:{port} did not answer within {timeout_s:g} s: packets are swallowed"
    return seen, (
        f"check that the machine is switched on and that {address} is its address; then look for a firewall or a "
        f"managed switch between {own} and the machine that drops TCP port {port}; a control that has as many "
        f"connections waiting as it can hold is silent too: close other {service.name} programs"
    )


def _refused(error: OSError, address: str, port: int, service: Service, own: str) -> tuple[str, str]:
    if error.errno == errno.ECONNREFUSED:
        return (
            f"{address} is there and refuses port {port}: nothing listens on it",
            f"{service.setting}; the usual port is {service.port}",
        )
    if error.errno in (errno.EHOSTUNREACH, errno.EHOSTDOWN):
        return (
            f"no device answers at {address} in the network of {own}",
            "check power, cable and link light of the machine's Ethernet port, its address and its subnet mask",
        )
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return (
            f"{address}:{port} cut the connection while it was made",
            "a firewall or proxy in between refuses this connection: allow this computer to reach the machine",
        )
    return (
        f"{address}:{port}: {os.strerror(error.errno) if error.errno else error}",
        f"check the network between {own} and the machine",
    )
