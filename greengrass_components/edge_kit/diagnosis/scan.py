"""Looking through addresses that someone named: bounded, paced, and only when asked.

Machine networks hold devices that mistake a fast scan for an attack, or fall over: few connections at a time, each
closed in order, and no address that was not named.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Sequence
from typing import Final

from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target, guess
from greengrass_components.edge_kit.diagnosis.report import Layer, Report

MOST_ADDRESSES: Final = 1024
TOGETHER: Final = 8
PACE_S: Final = 0.05


class BadScan(ValueError):
    """What to look through cannot be used."""


def addresses(text: str) -> list[str]:
    """`10.0.0.0/28`, `10.0.0.5-10.0.0.9` or one address, network and broadcast left out. Raises BadScan."""
    try:
        found = _range(text) if "-" in text else _network(text)
    except ValueError as wrong:
        raise BadScan(
            f"{text!r} names no addresses ({wrong}); expected such as 10.0.0.0/28 or 10.0.0.5-10.0.0.9"
        ) from wrong
    if not found:
        raise BadScan(f"{text!r} names no addresses; expected such as 10.0.0.0/28 or 10.0.0.5-10.0.0.9")
    return found


def _network(text: str) -> list[str]:
    network = ipaddress.ip_network(text, strict=False)
    _check(network.num_addresses)
    return [str(address) for address in network.hosts()]


def _range(text: str) -> list[str]:
    first, last = (ipaddress.ip_address(part.strip()) for part in text.split("-", 1))
    count = int(last) - int(first) + 1
    if first.version != last.version or count < 1:
        raise ValueError(f"{last} does not come after {first}")
    _check(count)
    return [str(first + number) for number in range(count)]


def _check(count: int) -> None:
    if count > MOST_ADDRESSES:
        raise ValueError(f"{count} addresses, at most {MOST_ADDRESSES} are looked through at a time")


async def scan(
    hosts: Sequence[str], probes: Sequence[ProtocolProbe], *, target: Target, at_ms: int
) -> AsyncIterator[Report]:
    """Reports of the addresses where something accepted a connection, as they are found.

    `target` gives port (0: the usual one of each protocol), timeout and options; its host is not used.
    """
    slots = asyncio.Semaphore(TOGETHER)

    async def look(host: str) -> Report:
        async with slots:
            options = {**target.options, "shallow": True}
            return await guess(Target(host, target.port, target.timeout_s, options), probes, at_ms=at_ms)

    async def begin(number: int, host: str) -> Report:
        await asyncio.sleep(number * PACE_S)
        return await look(host)

    looking = [asyncio.create_task(begin(number, host)) for number, host in enumerate(hosts)]
    try:
        for task in asyncio.as_completed(looking):
            report = await task
            if any(finding.layer is Layer.HANDSHAKE for finding in report.findings):
                yield report
    finally:
        for one in looking:
            one.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
