"""Which byte and word order does this device use? Reads the registers and shows every candidate's value side by side.

    python -m greengrass_components.modbus.order HOST[:PORT] --unit 1 --kind input --address 12 --type f32
        --range 0 250000 [--expect 1500] [--scale 1] [--transport rtu_over_tcp] [--reads 3]

An order fits when every value read lies in the plausible range and, when the meter's display was read, near that
value. It is proposed only when it alone fits, or when all that fit show the same value; else the answer is «undecided»
with what would decide it. Nothing is written, to the device or to a map.
"""

import argparse
import asyncio
import math
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.channel import Channel
from greengrass_components.modbus.frames import Ask, Damaged, Exceptional
from greengrass_components.modbus.registers import Order, RegisterKind, ValueType, permutation

NEAR: Final = 0.05
"""A display and a register are read at different moments: they agree within 5 %."""
TIMEOUT_S: Final = 2.0
READS: Final = 3
READ_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a value. `low`, `high` and `expected` are in its unit; value = raw * scale."""

    kind: RegisterKind
    address: int
    low: float
    high: float
    type: ValueType | None = None
    """None: unknown, every type of `words` registers is tried."""
    words: int = 2
    scale: float = 1.0
    expected: float | None = None

    @property
    def types(self) -> tuple[ValueType, ...]:
        """The types to be tried."""
        if self.type is not None:
            return (self.type,)
        return tuple(kind for kind in ValueType if kind.words == self.words)

    @property
    def count(self) -> int:
        return self.types[0].words


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of the registers. `why` says why it does or does not fit."""

    type: ValueType
    byte_order: Order
    word_order: Order
    values: tuple[float, ...]
    fits: bool
    why: str

    @property
    def letters(self) -> str:
        """ABCD as sent, CDAB words swapped, BADC bytes swapped, DCBA both; 16 bits have 2 letters, 64 have 8."""
        places = permutation(self.type.words, byte_order=self.byte_order, word_order=self.word_order)
        return "".join("ABCDEFGH"[place] for place in places)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All candidates, and the one that is proposed; None = undecided, `todo` says what would decide it."""

    candidates: tuple[Candidate, ...]
    proposed: Candidate | None
    why: str
    todo: str = ""
    registers: tuple[bytes, ...] = field(default=())


def judge(readings: Sequence[bytes], entry: Entry) -> Verdict:
    """The verdict on one or more readings of the same registers (bytes as they came). Raises ValueError for none."""
    if not readings or any(len(reading) != 2 * entry.count for reading in readings):
        raise ValueError(f"readings of {sorted({len(r) for r in readings})} bytes, expected {2 * entry.count} each")
    candidates = tuple(_candidate(readings, entry, *order) for order in _orders(entry))
    fitting = [candidate for candidate in candidates if candidate.fits]
    if not fitting:
        todo = "check the address (some lists count from 1), the type, the scale and the range"
        return Verdict(candidates, None, "no order gives a plausible value", todo, tuple(readings))
    if len({candidate.values for candidate in fitting}) == 1:
        first = fitting[0]
        why = f"{first.letters} {first.type.name.lower()} alone is plausible: {first.why}"
        if len(fitting) > 1:
            return Verdict(candidates, None if _zero(first) else first, *_same(fitting), tuple(readings))
        if entry.expected is None and _zero(first):
            return Verdict(candidates, None, "only zeros were read", _NOT_ZERO, tuple(readings))
        return Verdict(candidates, first, why, "", tuple(readings))
    shown = ", ".join(f"{c.letters} {c.type.name.lower()} {_number(c.values[-1])}" for c in fitting)
    todo = "give the value on the meter's display, or a narrower range" if entry.expected is None else _NARROWER
    return Verdict(candidates, None, f"{len(fitting)} readings are plausible: {shown}", todo, tuple(readings))


_NOT_ZERO: Final = "read again while the value is not zero, or give the value on the display"
_NARROWER: Final = "read again while the value is another one, and give the type if it is known"


def _same(fitting: Sequence[Candidate]) -> tuple[str, str]:
    """Why and what to do when several orders show one value."""
    names = ", ".join(f"{candidate.letters} {candidate.type.name.lower()}" for candidate in fitting)
    if _zero(fitting[0]):
        return f"{names} all show zero", _NOT_ZERO
    return f"{names} show the same value now", "read again while the value is another one to tell them apart"


def _orders(entry: Entry) -> list[tuple[ValueType, Order, Order]]:
    both = (Order.BIG, Order.LITTLE)
    found = []
    for kind in entry.types:
        words = both if kind.words > 1 else (Order.BIG,)
        found += [(kind, byte, word) for word, byte in product(words, both)]
    # ABCD, CDAB, BADC, DCBA: the usual ones first.
    return sorted(found, key=lambda row: (entry.types.index(row[0]), row[1] is Order.LITTLE, row[2] is Order.LITTLE))


def _candidate(
    readings: Sequence[bytes], entry: Entry, kind: ValueType, byte_order: Order, word_order: Order
) -> Candidate:
    places = permutation(kind.words, byte_order=byte_order, word_order=word_order)
    raws = [struct.unpack(">" + kind.value, bytes(reading[place] for place in places))[0] for reading in readings]
    values = tuple(float(raw) * entry.scale for raw in raws)
    fits, why = _fits(values, entry, kind)
    return Candidate(kind, byte_order, word_order, values, fits, why)


def _fits(values: Sequence[float], entry: Entry, kind: ValueType) -> tuple[bool, str]:
    for value in values:
        if not math.isfinite(value):
            return False, "no number"
        if not entry.low <= value <= entry.high:
            return False, f"outside {entry.low:g} to {entry.high:g}"
        if kind.is_float and value and abs(value) < 1e-6 * max(abs(entry.low), abs(entry.high)):
            return False, f"next to nothing in a range to {max(abs(entry.low), abs(entry.high)):g}"
    if entry.expected is None:
        return True, f"within {entry.low:g} to {entry.high:g}"
    allowed = max(NEAR * abs(entry.expected), abs(entry.scale))
    nearest = min(values, key=lambda value: abs(value - (entry.expected or 0.0)))
    if abs(nearest - entry.expected) > allowed:
        return False, f"{_number(nearest)} is not near {entry.expected:g}"
    return True, f"{_number(nearest)} is near {entry.expected:g}"


def _zero(candidate: Candidate) -> bool:
    return not any(candidate.values)


def _number(value: float) -> str:
    return f"{value:.6g}"


async def read_registers(
    host: str, port: int, *, unit: int, entry: Entry, rtu: bool = False, reads: int = READS
) -> list[bytes]:
    """The registers, several times. Raises DriverError for a device that does not answer, or refuses."""
    ask = Ask.of(entry.kind, entry.address, entry.count)
    channel = await Channel.open(host, port, rtu=rtu)
    found: list[bytes] = []
    try:
        for number in range(reads):
            if number:
                await asyncio.sleep(READ_EVERY_S)
            found.append(await channel.ask(unit, ask, timeout_s=TIMEOUT_S))
    except Exceptional as refusal:
        asked = f"{entry.kind.value} {entry.address}, {entry.count} registers"
        raise DriverError(f"unit {unit} refuses {asked}: {refusal}: wrong address or kind of register?") from refusal
    except Damaged as damage:
        raise DriverError(f"{host}:{port} unit {unit}: {damage}") from damage
    finally:
        channel.close()
    return found


def table(verdict: Verdict) -> str:
    """The verdict for people."""
    lines = [f"registers {' | '.join(reading.hex(' ', 2) for reading in verdict.registers)}", ""]
    lines.append(f"{'order':<9} {'type':<5} {'value':>14}  ")
    for candidate in verdict.candidates:
        mark = "->" if candidate is verdict.proposed else "ok" if candidate.fits else "  "
        value = _number(candidate.values[-1])
        lines.append(f"{candidate.letters:<9} {candidate.type.name.lower():<5} {value:>14}  {mark} {candidate.why}")
    chosen = verdict.proposed
    if chosen is None:
        return "\n".join([*lines, "", f"undecided: {verdict.why}", f"to decide: {verdict.todo}"])
    words = f"type: {chosen.type.name.lower()}, byte_order: {chosen.byte_order.value}"
    lines += ["", f"proposed: {words}, word_order: {chosen.word_order.value}", f"because {verdict.why}"]
    return "\n".join([*lines, *([f"note: {verdict.todo}"] if verdict.todo else [])])


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m greengrass_components.modbus.order")
    parser.add_argument("device", metavar="HOST[:PORT]")
    parser.add_argument("--unit", type=int, default=1)
    parser.add_argument("--kind", choices=["holding", "input"], default="holding")
    parser.add_argument("--address", type=int, required=True, help="as sent, counted from 0")
    parser.add_argument("--type", choices=[kind.name.lower() for kind in ValueType], help="when it is known")
    parser.add_argument("--words", type=int, choices=[1, 2, 4], default=2, help="registers, when the type is not")
    parser.add_argument("--range", type=float, nargs=2, required=True, metavar=("LOW", "HIGH"))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--expect", type=float, help="what the device's own display shows")
    parser.add_argument("--transport", choices=["tcp", "rtu_over_tcp"], default="tcp")
    parser.add_argument("--reads", type=int, default=READS)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 with a proposal, 1 undecided, 2 when the device could not be read."""
    options = _arguments(argv)
    host, _, port = options.device.rpartition(":") if ":" in options.device else (options.device, "", "502")
    entry = Entry(
        kind=RegisterKind(options.kind),
        address=options.address,
        low=options.range[0],
        high=options.range[1],
        type=ValueType[options.type.upper()] if options.type else None,
        words=options.words,
        scale=options.scale,
        expected=options.expect,
    )
    rtu = options.transport == "rtu_over_tcp"
    try:
        readings = asyncio.run(
            read_registers(host, int(port), unit=options.unit, entry=entry, rtu=rtu, reads=max(1, options.reads))
        )
    except DriverError as error:
        print(error, file=sys.stderr)
        return 2
    verdict = judge(readings, entry)
    print(table(verdict))
    return 0 if verdict.proposed else 1


if __name__ == "__main__":
    raise SystemExit(main())
