"""Opening and closing a session.

A session is two TCP connections to one port. The word in the opening says the role: 1 transfer, 2 command.

Opening reply, PDU version 3 and up: 20 words (40 bytes), then 32 bytes per path slot.
    words  0 1 2 ?   3 max axes   4 max spindles   5 path slots   6 max machines   7 ?
           8 controlled axes   9 servo axes   10 spindles   11 paths   12 machines   13 0
           14 option word (bit 0 must be on)   15 additional information   16..19 0
    slot   system (two letters), group, attribute, axes, servo axes, spindles, machine, 1, 8 words 0
Version 2 and below: 8 words (? series ? / max axes, max spindles, slots, paths, ? ?), 8 bytes per slot.
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.frame import Direction, Frame, Type

WORDS = struct.Struct(">20H")
SLOT = struct.Struct(">2s7H16x")
OLD_WORDS = struct.Struct(">8H")
OLD_SLOT = struct.Struct(">2s3H")
ERROR = struct.Struct(">4h")


class Role(IntEnum):
    """What a connection is for."""

    TRANSFER = 1
    COMMAND = 2


@dataclass(frozen=True, slots=True)
class PathSlot:
    """One path (channel) of the control; `system` is " M" machining or " T" turning, empty when absent."""

    system: str
    axes: int
    servo_axes: int
    spindles: int
    machine: int = 1

    @property
    def exists(self) -> bool:
        """A slot of zeros is a path the control does not have."""
        return bool(self.system)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What decides codes and sizes: the PDU version and the array lengths of this control."""

    version: int = 3
    max_axes: int = 32
    max_spindles: int = 8

    @property
    def old(self) -> bool:
        """16i, 18i, 21i, 0i-A..C: short parameter records, other function codes."""
        return self.version <= 2


MODERN = Dialect()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a control tells about itself when a session opens."""

    version: int
    max_axes: int
    max_spindles: int
    axes: int
    servo_axes: int
    spindles: int
    paths: int
    slots: tuple[PathSlot, ...]
    options: int = 1
    info: int = 0
    max_machines: int = 3
    unknown: tuple[int, ...] = field(default=(6, 5, 1, 3))

    @property
    def dialect(self) -> Dialect:
        """Codes and sizes to talk with."""
        return Dialect(self.version, self.max_axes, self.max_spindles)


def open_frame(role: Role) -> Frame:
    """Twelve bytes that open one connection."""
    return Frame(Type.OPEN, Direction.REQUEST, struct.pack(">H", role))


def close_frame() -> Frame:
    """Ten bytes that close one connection."""
    return Frame(Type.CLOSE, Direction.REQUEST)


def encode_opening(opening: Opening) -> bytes:
    """Body of 0102."""
    if opening.version <= 2:
        return _encode_old(opening)
    first, second, third, seventh = opening.unknown
    words = WORDS.pack(
        *(first, second, third, opening.max_axes, opening.max_spindles, len(opening.slots)),
        *(opening.max_machines, seventh, opening.axes, opening.servo_axes, opening.spindles, opening.paths),
        *(1, 0, opening.options, opening.info, 0, 0, 0, 0),
    )
    return words + b"".join(_encode_slot(slot) for slot in opening.slots)


def _encode_slot(slot: PathSlot) -> bytes:
    if not slot.exists:
        return bytes(SLOT.size)
    system = slot.system.encode("ascii")
    return SLOT.pack(system, 1, 0, slot.axes, slot.servo_axes, slot.spindles, slot.machine, 1)


def _encode_old(opening: Opening) -> bytes:
    series = opening.unknown[1]
    words = OLD_WORDS.pack(
        *(0, series, opening.max_axes, opening.max_spindles, len(opening.slots), opening.paths, 0, 0)
    )
    slots = (OLD_SLOT.pack(s.system.encode("ascii") or b"\0\0", 0, s.axes, s.spindles) for s in opening.slots)
    return words + b"".join(slots)


def decode_opening(version: int, body: bytes) -> Opening:
    """Body of 0102. Raises MalformedReply on a wrong size or a control without axes."""
    opening = _decode_old(version, body) if version <= 2 else _decode_new(version, body)
    if not opening.max_axes or not opening.axes:
        raise MalformedReply(f"the control says it has {opening.axes} of {opening.max_axes} axes")
    return opening


def _decode_new(version: int, body: bytes) -> Opening:
    if len(body) < WORDS.size or (len(body) - WORDS.size) % SLOT.size:
        raise MalformedReply(f"an opening has 40 bytes and 32 per path, got {len(body)}")
    words = WORDS.unpack_from(body)
    slots = []
    for at in range(WORDS.size, len(body), SLOT.size):
        system, _, _, axes, servo, spindles, machine, _ = SLOT.unpack_from(body, at)
        slots.append(PathSlot(_system(system), axes, servo, spindles, machine))
    return Opening(
        version=version,
        max_axes=words[3],
        max_spindles=words[4],
        max_machines=words[6],
        axes=words[8],
        servo_axes=words[9],
        spindles=words[10],
        paths=words[11],
        options=words[14],
        info=words[15],
        unknown=(words[0], words[1], words[2], words[7]),
        slots=tuple(slots),
    )


def _decode_old(version: int, body: bytes) -> Opening:
    if len(body) < OLD_WORDS.size or (len(body) - OLD_WORDS.size) % OLD_SLOT.size:
        raise MalformedReply(f"an opening of version {version} has 16 bytes and 8 per path, got {len(body)}")
    words = OLD_WORDS.unpack_from(body)
    slots = []
    for at in range(OLD_WORDS.size, len(body), OLD_SLOT.size):
        system, _, axes, spindles = OLD_SLOT.unpack_from(body, at)
        slots.append(PathSlot(_system(system), axes, axes, spindles))
    first = next((slot for slot in slots if slot.exists), PathSlot("", 0, 0, 0))
    return Opening(
        version=version,
        max_axes=words[2],
        max_spindles=words[3],
        axes=first.axes,
        servo_axes=first.servo_axes,
        spindles=first.spindles,
        paths=words[5],
        slots=tuple(slots),
        unknown=(words[0], words[1], words[6], words[7]),
    )


def _system(raw: bytes) -> str:
    return "" if raw == b"\0\0" else raw.decode("ascii", "replace")


def encode_error(code: int, detail1: int = 0, detail2: int = 0) -> bytes:
    """Body of an error reply (direction 3) and of 1401: location 0, code, details."""
    return ERROR.pack(0, code, detail1, detail2)


def decode_error(body: bytes) -> tuple[int, int, int]:
    """(code, detail 1, detail 2). Raises MalformedReply on a wrong size."""
    if len(body) != ERROR.size:
        raise MalformedReply(f"an error body has 8 bytes, got {len(body)}")
    _, code, detail1, detail2 = ERROR.unpack(body)
    return code, detail1, detail2
