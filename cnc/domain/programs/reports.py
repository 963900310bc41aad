"""What a gateway tells about the controls it can write to, on the channel `machine_report`.

Each is JSON with `v`, `type` and the fields of one class below. Parsing raises MalformedMessage and nothing else.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cnc.domain.base.clock import MAX_MS
from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.programs.change import OUTCOMES
from cnc.domain.programs.snapshot import KINDS, Item, Snapshot

MOST_BYTES: Final = 128 * 1024
MOST_ITEMS: Final = 500
MOST_SIZE: Final = 64 * 1024 * 1024
_HEX64: Final = re.compile(r"[0-9a-f]{64}\Z")
_NAME: Final = re.compile(r"[ -~]{0,160}\Z")


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """A control was read. A snapshot of many programs comes in `parts` messages, `part` from 1."""

    snapshot: Snapshot
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Uploaded:
    """These contents were put where the store asked for them."""

    machine: str
    sha256s: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """How an order ended; `seen` holds what the gate saw, as far as it came."""

    machine: str
    order: str
    change: str
    outcome: str
    code: str
    step: str
    seen: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class WriteSwitch:
    """Until when a person at the gateway allows writing, 0 = not at all; and the ids it holds as stopped by the cloud.

    `stopped` is None from gateways that do not tell.
    """

    machine: str
    enabled_until_ms: int
    stopped: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe found, layer by layer."""

    request: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wiped:
    """The gateway has removed everything that it held of its shop: `size` bytes in as many files."""

    request: str
    files: int
    size: int


Report = SnapshotTaken | Uploaded | WriteReport | WriteSwitch | ProbeReport | Wiped


def unpack_report(data: bytes) -> Report:
    """The report in a message. Raises MalformedMessage."""
    if len(data) > MOST_BYTES:
        raise MalformedMessage(seen=f"{len(data)} bytes", expected=f"at most {MOST_BYTES} bytes")
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(seen=str(error)[:80], expected="JSON") from error
    if not isinstance(body, dict) or body.get("v") != 1:
        raise MalformedMessage(seen=str(body)[:60], expected="an object with v = 1")
    read = _READERS.get(_text(body, "type"))
    if read is None:
        raise MalformedMessage(seen=body["type"], expected=f"a type of {', '.join(sorted(_READERS))}")
    return read(body)


def _snapshot(body: dict[str, Any]) -> SnapshotTaken:
    items = body.get("items")
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise MalformedMessage(seen="items", expected=f"a list of at most {MOST_ITEMS} items")
    parts = _whole(body, "parts", most=1000, least=1)
    snapshot = Snapshot(
        machine=_id(body, "machine", "m"),
        source=_id(body, "source", "d"),
        serial=_text(body, "serial"),
        taken_ms=_whole(body, "taken_ms", most=MAX_MS),
        items=tuple(map(_item, items)),
    )
    return SnapshotTaken(snapshot, _whole(body, "part", most=parts, least=1), parts)


def _item(value: Any) -> Item:
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        raise MalformedMessage(seen=str(value)[:60], expected=f"an item of kind {', '.join(KINDS)}")
    return Item(value["kind"], _text(value, "name"), _hex(value, "sha256"), _whole(value, "size", most=MOST_SIZE))


def _uploaded(body: dict[str, Any]) -> Uploaded:
    given = body.get("sha256s")
    if not isinstance(given, list) or len(given) > MOST_ITEMS:
        raise MalformedMessage(seen="sha256s", expected=f"a list of at most {MOST_ITEMS} digests")
    return Uploaded(_id(body, "machine", "m"), tuple(_hex({"sha256": one}, "sha256") for one in given))


def _write_report(body: dict[str, Any]) -> WriteReport:
    outcome, seen = _text(body, "outcome"), body.get("seen")
    if outcome not in OUTCOMES or not isinstance(seen, dict):
        raise MalformedMessage(seen=outcome, expected=f"one of {', '.join(sorted(OUTCOMES))}, with what was seen")
    return WriteReport(
        machine=_id(body, "machine", "m"),
        order=_id(body, "order", "o"),
        change=_id(body, "change", "c"),
        outcome=outcome,
        code=_text(body, "code"),
        step=_text(body, "step"),
        seen=seen,
        sha256=_hex(body, "sha256") if body.get("sha256") else "",
    )


def _write_switch(body: dict[str, Any]) -> WriteSwitch:
    stopped = body.get("stopped")
    if stopped is not None and not (isinstance(stopped, list) and all(isinstance(one, str) for one in stopped)):
        raise MalformedMessage(seen=str(stopped)[:60], expected="a list of ids that are stopped")
    told = None if stopped is None else frozenset(stopped)
    return WriteSwitch(_id(body, "machine", "m"), _whole(body, "enabled_until_ms", most=MAX_MS), told)


def _probe_report(body: dict[str, Any]) -> ProbeReport:
    report = body.get("report")
    if not isinstance(report, dict):
        raise MalformedMessage(seen=str(report)[:60], expected="a report")
    return ProbeReport(_id(body, "request", "q"), report)


def _wiped(body: dict[str, Any]) -> Wiped:
    most = 1 << 62
    return Wiped(_id(body, "request", "q"), _whole(body, "files", most=most), _whole(body, "bytes", most=most))


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Report]]] = {
    "snapshot": _snapshot,
    "uploaded": _uploaded,
    "write_report": _write_report,
    "write_switch": _write_switch,
    "probe_report": _probe_report,
    "wiped": _wiped,
}


def _id(body: Mapping[str, Any], name: str, kind: str) -> str:
    text = body.get(name)
    try:
        return check_id(kind, text)
    except BadId as error:
        raise MalformedMessage(seen=f"{name} = {str(text)[:40]}", expected=f"an id {kind}_…") from error


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not _NAME.match(text):
        raise MalformedMessage(seen=f"{name} = {str(text)[:40]}", expected="at most 160 printable characters")
    return text


def _hex(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not _HEX64.match(text):
        raise MalformedMessage(seen=f"{name} = {str(text)[:40]}", expected="64 hex digits")
    return text


def _whole(body: Mapping[str, Any], name: str, *, most: int, least: int = 0) -> int:
    number = body.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise MalformedMessage(seen=f"{name} = {str(number)[:40]}", expected=f"a whole number from {least} to {most}")
    return number
