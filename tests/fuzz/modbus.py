"""Modbus: device maps as people write them, and frames as lines spoil them.

The first byte chooses: `m` a device map, `t` an answer over TCP, `r` an answer of a serial line, `o` registers whose
order is looked for.
"""

from greengrass_components.modbus.blocks import blocks_of
from greengrass_components.modbus.device_map import parse_map
from greengrass_components.modbus.errors import BadMap
from greengrass_components.modbus.frames import Ask, Damaged, Exceptional, rtu_answer, tcp_answer
from greengrass_components.modbus.order import Entry, judge, table
from greengrass_components.modbus.registers import RegisterKind, ValueType
from tests.fuzz.target import Target

_ASK = Ask.of(RegisterKind.HOLDING, 0x6B, 3)


def _map(data: bytes) -> None:
    device = parse_map(data.decode("utf-8", "replace"), name="fuzzed")
    values: list[int | None] = [None] * len(device.items)
    for block in blocks_of(device):
        assert block.count <= block.kind.most
        block.decode(bytes(block.ask.size), values)
    assert len(device.schema.canonical()) > 0


def _tcp(data: bytes) -> None:
    _whole(*tcp_answer(data, 1, 0x11, _ASK), len(data))


def _serial(data: bytes) -> None:
    _whole(*rtu_answer(data, 0x11, _ASK), len(data))


def _whole(found: bytes | None, used: int, size: int) -> None:
    assert used <= size
    assert found is None or len(found) == _ASK.size


def _order(data: bytes) -> None:
    kind = list(ValueType)[data[0] % len(ValueType)] if data else ValueType.U16
    size = 2 * kind.words
    readings = [data[at : at + size] for at in range(1, len(data), size)][:3]
    if readings and len(readings[-1]) == size:
        table(judge(readings, Entry(RegisterKind.INPUT, 0, -1e6, 1e6, kind)))


_READERS = {ord("m"): _map, ord("t"): _tcp, ord("r"): _serial, ord("o"): _order}


def parse(data: bytes) -> None:
    _READERS.get(data[0] if data else 0, _map)(data[1:])


_WORDS = """
v: name: title: max_registers: max_gap: defaults: items: key: address: kind: type: byte_order: word_order: unit:
native_unit: scale: range: resolution: texts: holding input coil discrete u16 i16 u32 i32 f32 u64 i64 f64 big little
[0,1] {} [] .inf .nan -1 0x1 1e308 65535 65536 null true ~ &a *a << !!python/object: !!binary !!set
"""

TARGET = Target(
    parse,
    allowed=(BadMap, Damaged, Exceptional),
    words=(
        *(word.encode() for word in _WORDS.split()),
        b"\n  - {",
        b"}\n",
        b"\x11\x03\x06",
        b"\x00\x01\x00\x00\x00\x09",
    ),
)
