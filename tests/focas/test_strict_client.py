"""Every function of the protocol, asked by an independent client of the control that `make up` starts."""

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from simulated_shop.demo import NORTHWIND, simulator_document
from tests.focas.strict_client import AXES, SPINDLES, StrictClient, ask, named, text, value, values

PATIENCE_S = 60.0
HOME = "//CNC_MEM/USER/PATH1/"
MODULE_PMC = 2
WITHOUT_DECIMALS = b"\0\0\xff\xff"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    machine = NORTHWIND.machines[0]
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in machine.sources]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    spec = tmp_path_factory.mktemp("machine") / "machine.json"
    spec.write_text(json.dumps(simulator_document(machine, NORTHWIND, ports=ports)))
    with subprocess.Popen([sys.executable, "-m", "cli.simulate", "--spec", str(spec)]) as process:
        deadline = time.monotonic() + PATIENCE_S
        while not _listens(ports[0]):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield int(ports[0])
        process.kill()


@pytest.fixture
def cnc(port: int) -> Iterator[StrictClient]:
    with StrictClient("127.0.0.1", port) as client:
        yield client


# -- opening and identity --


def test_the_opening_describes_a_31i_with_a_path_axes_and_a_spindle(cnc: StrictClient) -> None:
    body = cnc.command.opening
    words = struct.unpack_from(">20H", body)
    assert cnc.command.version in (3, 4)
    assert len(body) == 40 + 32 * words[5]
    assert (words[3], words[4]) == (AXES, SPINDLES)
    assert words[8] == words[9] >= 1
    assert words[10] >= 1
    assert words[11] >= 1
    assert words[14] & 1
    assert body[40:42] == b" M"
    assert struct.unpack_from(">3H", body, 46) == (words[8], words[9], words[10])
    assert body == cnc.transfer.opening


def test_the_type_plate_says_the_same_axes_as_the_opening(cnc: StrictClient) -> None:
    info, most, cnc_type, mt, series, version, axes = struct.unpack(">hh2s2s4s4s2s", cnc.read(0x18, size=18))
    assert (most, cnc_type, mt) == (AXES, b"31", b" M")
    assert info & 2
    assert series.decode("ascii").strip().isalnum()
    assert version.decode("ascii").strip()
    assert int(axes) == _axis_count(cnc)


def _axis_count(cnc: StrictClient) -> int:
    return int(struct.unpack_from(">H", cnc.command.opening, 16)[0])


def test_identity_model_and_figures(cnc: StrictClient) -> None:
    assert any(cnc.read(0xE8, size=16))
    kind, _ = struct.unpack(">hh", cnc.read(0x159, size=4))
    assert kind >= 0
    assert struct.unpack(">i", cnc.read(0x16F, size=4))[0] > 0
    count = _axis_count(cnc)
    assert struct.unpack_from(">i", cnc.read(0x1B, 0, size=4 + 4 * count))[0] == count
    for kind in (1, 2, 3, 4):
        assert struct.unpack_from(">i", cnc.read(0x1B, kind, size=8))[0] == 1


# -- state, alarms, messages --


def test_the_state_in_both_forms(cnc: StrictClient) -> None:
    state, retrace, mode = cnc.blocks(ask(0x19), ask(0xE1), ask(0x98))
    assert [block.code for block in (state, retrace, mode)] == [0, 0, 0]
    assert [len(block.payload) for block in (state, retrace, mode)] == [14, 4, 2]
    assert struct.unpack(">h", mode.payload) == (1,)
    aut, run, motion, mstb, emergency, alarm, edit = struct.unpack(">7h", state.payload)
    assert 0 <= aut <= 11
    assert 0 <= run <= 4
    assert 0 <= motion <= 2
    assert mstb in (0, 1)
    assert 0 <= emergency <= 3
    assert 0 <= alarm <= 8
    assert 0 <= edit <= 42
    assert [len(block.payload) for block in cnc.blocks(ask(0xE2), ask(0xE1), ask(0x98))] == [22, 4, 2]


@pytest.mark.parametrize("length", [32, 64])
def test_alarm_messages_agree_with_the_alarm_bits(length: int, cnc: StrictClient) -> None:
    bits, messages = cnc.blocks(ask(0x1A), ask(0x23, -1, 10, 2, length))
    assert len(bits.payload) == 4
    assert len(messages.payload) % (16 + length) == 0
    mask = 0
    for at in range(0, len(messages.payload), 16 + length):
        number, kind, axis, size = struct.unpack_from(">4i", messages.payload, at)
        assert number > 0
        assert 0 <= axis <= _axis_count(cnc)
        assert len(text(messages.payload[at + 16 : at + 16 + length], length)) == size
        mask |= 1 << kind
    assert int.from_bytes(bits.payload, "big") == mask


def test_operator_messages(cnc: StrictClient) -> None:
    for payload in (cnc.read(0x34, 0), cnc.read(0xD0, 0, -1, 5)):
        assert payload
        assert len(payload) % 268 == 0
        for at in range(0, len(payload), 268):
            number, _, size = struct.unpack_from(">3i", payload, at)
            assert (number == -1 and size == 0) or number > 0
            assert len(text(payload[at + 12 : at + 268], 256)) == size


# -- timers and clock --


def test_timers_are_big_endian_minutes_and_milliseconds(cnc: StrictClient) -> None:
    read = [struct.unpack(">2i", cnc.read(0x120, kind, size=8)) for kind in range(5)]
    assert all(minutes >= 0 and 0 <= ms < 60_000 for minutes, ms in read)
    assert read[0][1] == 0
    assert read[0] >= read[1] >= read[2]


def test_the_clock_is_read_and_set(cnc: StrictClient) -> None:
    year, month, day, *_ = struct.unpack(">6h", cnc.read(0x45, 0, size=12))
    *_, hour, minute, second = struct.unpack(">6h", cnc.read(0x45, 1, size=12))
    assert year >= 2026
    assert cnc.read(0x46, 0, data=struct.pack(">6h", 2027, 2, 3, 0, 0, 0), size=0) == b""
    assert struct.unpack(">6h", cnc.read(0x45, 0, size=12))[:3] == (2027, 2, 3)
    assert cnc.read(0x46, 0, data=struct.pack(">6h", year, month, day, 0, 0, 0), size=0) == b""
    assert cnc.read(0x46, 1, data=struct.pack(">6h", 0, 0, 0, hour, minute, second), size=0) == b""


# -- program under execution --


def test_the_running_program_by_number_name_and_path(cnc: StrictClient) -> None:
    numbers, name, path, main = cnc.blocks(ask(0x1C), ask(0xCF), ask(0xFC), ask(0xB9))
    running, _ = struct.unpack(">2i", numbers.payload)
    assert struct.unpack_from(">i", name.payload) == (running,)
    assert text(name.payload[4:], 36) == f"O{running:04d}"
    assert text(path.payload, 256) == f"{HOME}O{running:04d}"
    assert text(main.payload, 256).startswith(HOME)
    assert struct.unpack(">i", cnc.read(0x1D, size=4))[0] >= 0
    assert struct.unpack(">i", cnc.read(0x35, size=4))[0] >= 0
    assert 4 < len(cnc.read(0x20, 256)) <= 260


# -- axes and spindles --


def _names(payload: bytes, slots: int) -> list[str]:
    assert len(payload) == 4 * slots
    found = [payload[at : at + 4].rstrip(b"\0").decode("ascii") for at in range(0, len(payload), 4)]
    used = [name for name in found if name]
    assert found[len(used) :] == [""] * (slots - len(used))
    return used


def test_names_counts_units_and_flags(cnc: StrictClient) -> None:
    names = _names(cnc.read(0x89, 0), AXES)
    count = _axis_count(cnc)
    assert len(names) == count == int.from_bytes(cnc.read(0xA4, 0, size=2), "big")
    assert cnc.read(0x89, -1, size=512)[:16] == names[0].encode().ljust(4, b"\0") * 4
    assert _names(cnc.read(0x8A, 0), SPINDLES) == ["S1"]
    assert cnc.read(0x8A, -1) == cnc.read(0x8A, 0)
    assert [int.from_bytes(cnc.read(0xA4, kind, size=2), "big") for kind in (1, 2)] == [1, count]
    assert int.from_bytes(cnc.read(0xA4, 3, size=2), "big") > 0
    for kind in (1, 2):
        assert {unit for (unit,) in struct.iter_unpack(">h", cnc.read(0x88, kind, size=4 * AXES))} <= {0, 2}
    assert struct.unpack(">hh", cnc.read(0x88, 3, size=4))[0] == 3
    assert len(cnc.read(0x88, 4)) == 4
    assert struct.unpack_from(">i", cnc.read(0xA3, 0, -1, size=4 * AXES))[0] == 0x0F


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4, 6, 7, 8, 9, 10])
def test_positions_of_one_axis_and_of_all(kind: int, cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    all_axes, *single = cnc.blocks(ask(0x26, kind, -1), *(ask(0x26, kind, n) for n in range(1, count + 1)))
    assert values(all_axes.payload, used=count, of=AXES) == [value(block.payload) for block in single]
    assert cnc.refused(0x26, kind, count + 1) == (4, 0)
    assert cnc.refused(0x26, kind, 0) == (4, 0)


def test_dynamic_and_position_in_one_pdu_each(cnc: StrictClient) -> None:
    for axis, size in ((-1, 8 * AXES), (1, 8)):
        dynamic = cnc.blocks(
            ask(0x1A), ask(0x1C), ask(0x1D), ask(0x24), ask(0x25),
            ask(0x26, 4, axis), ask(0x26, 1, axis), ask(0x26, 6, axis), ask(0x26, 7, axis),
        )  # fmt: skip
        assert [len(block.payload) for block in dynamic] == [4, 8, 4, 8, 8, *[size] * 4]
    position = cnc.blocks(
        ask(0xA4, 0), ask(0x89, -1), ask(0x88, 1), ask(0x88, 2), ask(0xA3, 0, -1),
        ask(0x26, 0, -1), ask(0x26, 1, -1), ask(0x26, 2, -1), ask(0x26, 3, -1), ask(0xA4, 0),
    )  # fmt: skip
    assert [len(block.payload) for block in position] == [2, 512, 128, 128, 128, 256, 256, 256, 256, 2]


def test_feed_and_speed(cnc: StrictClient) -> None:
    speed = cnc.blocks(ask(0xA4, 3), ask(0x8A, 1), ask(0x88, 3), ask(0x88, 4), ask(0x24), ask(0x25), ask(0xA4, 3))
    assert [len(block.payload) for block in speed] == [2, 32, 4, 4, 8, 8, 2]
    assert value(speed[4].payload)[0] >= 0
    assert value(speed[5].payload)[0] >= 0


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("spindle", [-1, 1])
def test_spindle_values(kind: int, spindle: int, cnc: StrictClient) -> None:
    before, read, after = cnc.blocks(ask(0xA4, 1), ask(0x40, kind, spindle), ask(0xA4, 1))
    assert before == after
    [(data, _)] = values(read.payload, used=1, of=SPINDLES)
    assert data >= 0


def test_servo_meters(cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    for kind in (1, 3):
        assert len(values(cnc.read(0x56, kind), used=count, of=AXES)) == count
    meter = cnc.blocks(ask(0xA4, 1), ask(0x8A, -1), ask(0x40, 4, -1), ask(0x40, 5, -1), ask(0xA4, 1))
    assert [len(block.payload) for block in meter] == [2, 32, 64, 64, 2]


# -- parameters and diagnosis --


def _record(payload: bytes, number: int, axis: int, kind: int, used: int) -> list[tuple[int, int]]:
    assert struct.unpack_from(">ihh", payload) == (number, axis, kind)
    return values(payload[8:], used=used, of=AXES)


@pytest.mark.parametrize(("number", "kind"), [(20, 1), (6711, 3), (6712, 3), (6713, 3), (6750, 3), (3281, 1)])
def test_parameters_without_axes(number: int, kind: int, cnc: StrictClient) -> None:
    [(data, dec)] = _record(cnc.read(0x8D, number, number, 0, size=264), number, 0, kind, 1)
    assert (data >= 0, dec) == (True, 0)


@pytest.mark.parametrize(("number", "kind"), [(1320, 4), (1825, 2)])
def test_parameters_per_axis(number: int, kind: int, cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    every = _record(cnc.read(0x8D, number, number, -1, size=264), number, -1, kind, count)
    for axis in range(1, count + 1):
        assert _record(cnc.read(0x8D, number, number, axis, size=264), number, axis, kind, 1) == [every[axis - 1]]
    assert cnc.refused(0x8D, number, number, count + 1) == (4, 0)


def test_a_range_of_parameters(cnc: StrictClient) -> None:
    payload = cnc.read(0x8D, 6711, 6713, 0, size=3 * 264)
    assert [struct.unpack_from(">i", payload, at)[0] for at in range(0, 792, 264)] == [6711, 6712, 6713]


def test_absent_numbers_are_refused_with_3(cnc: StrictClient) -> None:
    assert cnc.refused(0x8D, 31999, 31999, 0) == (3, 0)
    assert cnc.refused(0x93, 31999, 31999, 0) == (3, 0)
    assert cnc.refused(0xA0, 31999, 1) == (3, 0)


def _write(cnc: StrictClient, number: int, axis: int, kind: int, *items: tuple[int, int]) -> None:
    previous, following, told, told_kind = struct.unpack_from(">iiih", cnc.read(0xA0, number, 1, size=28))
    assert (told, told_kind) == (number, kind)
    assert previous < number < following or following == 0
    encoded = b"".join(
        struct.pack(">ihh", data, 10, dec) if kind == 4 else struct.pack(">i", data) + WITHOUT_DECIMALS
        for data, dec in items
    )
    junk = b"\xee" * (8 * AXES - len(encoded)) if axis != -1 else bytes(8 * AXES - len(encoded))
    cnc.read(0x8E, data=struct.pack(">ihh", number, axis, kind) + encoded + junk, size=0)


@pytest.mark.parametrize(("number", "fresh"), [(20, 5), (6713, 123456)])
def test_single_parameters_are_written_and_read_back(number: int, fresh: int, cnc: StrictClient) -> None:
    kind = 1 if number == 20 else 3
    old = _record(cnc.read(0x8D, number, number, 0, size=264), number, 0, kind, 1)
    _write(cnc, number, 0, kind, (fresh, 0))
    assert _record(cnc.read(0x8D, number, number, 0, size=264), number, 0, kind, 1) == [(fresh, 0)]
    _write(cnc, number, 0, kind, *old)


def test_a_real_parameter_is_written_for_one_axis_and_for_all(cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    old = _record(cnc.read(0x8D, 1320, 1320, -1, size=264), 1320, -1, 4, count)
    _write(cnc, 1320, 1, 4, (-12345, 3))
    assert _record(cnc.read(0x8D, 1320, 1320, -1, size=264), 1320, -1, 4, count) == [(-12345, 3), *old[1:]]
    _write(cnc, 1320, -1, 4, *old)
    assert _record(cnc.read(0x8D, 1320, 1320, -1, size=264), 1320, -1, 4, count) == old


@pytest.mark.parametrize(("number", "kind"), [(300, 2), (301, 5), (308, 0)])
def test_diagnoses_per_axis(number: int, kind: int, cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    assert len(_record(cnc.read(0x93, number, number, -1, size=264), number, -1, kind, count)) == count
    _record(cnc.read(0x93, number, number, count, size=264), number, count, kind, 1)


@pytest.mark.parametrize(("number", "kind"), [(403, 0), (410, 1)])
def test_diagnoses_of_the_spindle(number: int, kind: int, cnc: StrictClient) -> None:
    for axis in (0, 1, -1):
        _record(cnc.read(0x93, number, number, axis, size=264), number, axis, kind, 1)


# -- macros, PMC, offsets --


def test_macros_are_read_written_and_emptied(cnc: StrictClient) -> None:
    assert value(cnc.read(0x15, 502, 502, size=8)) == (0, -1)
    old = cnc.read(0x15, 500, 502, size=24)
    cnc.read(0x16, 500, 500, data=struct.pack(">ihh", -98765, 10, 2), size=0)
    assert value(cnc.read(0x15, 500, 500, size=8)) == (-98765, 2)
    cnc.read(0x16, 501, 501, data=struct.pack(">ihh", 0, 10, -1), size=0)
    assert value(cnc.read(0x15, 501, 501, size=8)) == (0, -1)
    assert cnc.read(0xA8, 500, data=struct.pack(">2d", 1.5, -2.25), size=4) == b"\0\0\0\2"
    assert struct.unpack(">2d", cnc.read(0xA7, 500, 2, size=16)) == (1.5, -2.25)
    for place in range(3):
        cnc.read(0x16, 500 + place, 500 + place, data=old[8 * place : 8 * place + 8], size=0)
    assert cnc.read(0x15, 500, 502, size=24) == old
    assert cnc.refused(0x15, 99, 99) == (3, 0)
    assert cnc.refused(0x16, 99, 99, data=struct.pack(">ihh", 1, 10, 0)) == (3, 0)
    assert len(cnc.read(0x17)) == 8


@pytest.mark.parametrize(("area", "first", "last"), [(5, 100, 109), (9, 100, 107), (9, 200, 207)])
def test_pmc_cells_are_written_and_read_back(area: int, first: int, last: int, cnc: StrictClient) -> None:
    count = last - first + 1
    old = cnc.read(0x8001, first, last, area, 0, module=MODULE_PMC, size=count)
    fresh = bytes(range(count))
    cnc.read(0x8002, first, last, area, 0, data=fresh, module=MODULE_PMC, size=0)
    for width in (0, 1, 2) if count % 4 == 0 else (0, 1):
        assert cnc.read(0x8001, first, last, area, width, module=MODULE_PMC, size=count) == fresh
    cnc.read(0x8002, first, last, area, 0, data=old, module=MODULE_PMC, size=0)


def test_pmc_areas_and_refusals(cnc: StrictClient) -> None:
    for area in (0, 1, 2, 3, 4, 6, 7, 8):
        cnc.read(0x8001, 0, 0, area, 0, module=MODULE_PMC, size=1)
    assert cnc.read(0x8001, 12, 12, 0, 0, module=MODULE_PMC, size=1) != b"\0"
    assert cnc.refused(0x8001, 60000, 60000, 9, 0, module=MODULE_PMC) == (3, 0)
    assert cnc.refused(0x8001, 0, 0, 99, 0, module=MODULE_PMC) == (4, 0)


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize("number", [1, 2, 3])
def test_tool_offsets(number: int, kind: int, cnc: StrictClient) -> None:
    old, dec = value(cnc.read(0x08, number, number, 1000 + kind, size=8))
    assert dec == 3
    cnc.read(0x09, number, number, 1000 + kind, data=struct.pack(">i", -321) + WITHOUT_DECIMALS, size=0)
    assert value(cnc.read(0x08, number, number, 1000 + kind, size=8)) == (-321, 3)
    ranged = {0: 3, 1: 2, 2: 1, 3: 0}[kind]
    assert value(cnc.read(0x08, 1, 3, ranged, size=24)[8 * (number - 1) : 8 * number]) == (-321, 3)
    cnc.read(0x09, number, number, 1000 + kind, data=struct.pack(">i", old) + WITHOUT_DECIMALS, size=0)


def test_absent_offsets_are_refused(cnc: StrictClient) -> None:
    assert cnc.refused(0x08, 9999, 9999, 1000) == (3, 0)
    assert cnc.refused(0x09, 9999, 9999, 1000, data=bytes(4) + WITHOUT_DECIMALS) == (3, 0)
    count, memory, _ = struct.unpack(">ihh", cnc.read(0x0A, size=8))
    assert (count >= 100, memory) == (True, 2)


def test_work_offsets(cnc: StrictClient) -> None:
    count = _axis_count(cnc)
    every = values(cnc.read(0x0B, 1, 1, -1), used=count, of=AXES)
    cnc.read(0x0C, 1, 1, 2, data=struct.pack(">i", -4321) + WITHOUT_DECIMALS, size=0)
    assert value(cnc.read(0x0B, 1, 1, 2, size=8)) == (-4321, 3)
    cnc.read(0x0C, 1, 1, 2, data=struct.pack(">i", every[1][0]) + WITHOUT_DECIMALS, size=0)
    assert values(cnc.read(0x0B, 1, 1, -1), used=count, of=AXES) == every


# -- modal --


def test_modal_data_names_a_tool(cnc: StrictClient) -> None:
    groups = cnc.read(0x96, -1, 1, size=24 * 12)
    assert [struct.unpack_from(">h", groups, at)[0] for at in range(0, len(groups), 12)] == list(range(24))
    assert cnc.read(0x96, 13, 1, size=12) == groups[13 * 12 : 14 * 12]
    words = cnc.read(0x97, -1, 1)
    assert len(words) % 12 == 0
    found = {words[at : at + 1]: struct.unpack_from(">i", words, at + 4)[0] for at in range(0, len(words), 12)}
    assert found[b"T"] >= 1
    assert struct.unpack(">i4B", cnc.read(0x22, 22, 0, size=8))[0] == found[b"T"]
    assert len(cnc.read(0x21, -1, 0)) == 42
    assert len(cnc.read(0x21, 0, 0)) == 2
    assert len(cnc.read(0x22, -1, 0)) % 8 == 0
    assert len(cnc.read(0x22, -2, 0)) == 8 * _axis_count(cnc)
    assert len(cnc.read(0x5D, 0x7FFF, size=28)) == 28


# -- files --


def test_drives_folders_and_counts(cnc: StrictClient) -> None:
    drives = cnc.read(0xAE)
    assert "CNC_MEM" in [text(drives[at : at + 12], 12) for at in range(0, len(drives), 12)]
    used, room, *_ = struct.unpack(">4i", cnc.read(0xAF, 1, data=named("//CNC_MEM/", 12), size=16))
    assert 0 < used < room
    assert text(cnc.read(0xB0, 1, size=256), 256) == HOME
    assert cnc.read(0xB1, 1, data=named(HOME), size=0) == b""
    folders = cnc.read(0xB2, 0, 10, data=named("//CNC_MEM/USER/"))
    assert "PATH1" in [text(folders[at + 4 : at + 40], 36) for at in range(0, len(folders), 40)]
    _, files = struct.unpack(">2i", cnc.read(0xB4, data=named(HOME), size=8))
    assert files >= 1


def _numbers(cnc: StrictClient) -> list[int]:
    found: list[int] = []
    while page := cnc.read(0x06, found[-1] + 1 if found else 0, 20, 3):
        assert len(page) % 72 == 0
        found += [struct.unpack_from(">i", page, at)[0] for at in range(0, len(page), 72)]
    return found


def test_both_directories_list_the_same_programs(cnc: StrictClient) -> None:
    numbers = _numbers(cnc)
    assert numbers == sorted(set(numbers))
    assert not {7777, 7778, 7654} & set(numbers)
    names: list[str] = []
    while page := cnc.read(0xB3, len(names), 10, 1, 1, data=named(HOME)):
        assert len(page) % 128 == 0
        assert {struct.unpack_from(">h", page, at)[0] for at in range(0, len(page), 128)} == {1}
        names += [text(page[at + 28 : at + 64], 36) for at in range(0, len(page), 128)]
    assert names == [f"O{number:04d}" for number in numbers]
    registered, *_ = struct.unpack(">4i", cnc.read(0x07, size=16))
    assert registered == len(numbers)


def test_a_program_goes_in_and_out_and_away(cnc: StrictClient) -> None:
    program = b"\nO7777(STRICT)\nG1F0.3W10.\nM30\n%"
    assert cnc.download(HOME, program) == (0, 0)
    assert 7777 in _numbers(cnc)
    assert cnc.download(HOME, program) == (5, 4)
    for name in ("O7777", f"{HOME}O7777"):
        assert cnc.upload(name) == b"%" + program
    assert cnc.read(0xF0, 0, 10, data=named(f"{HOME}O7777")) == program[1:]
    cnc.read(0x03, 7777, size=0)
    cnc.read(0xBA, data=named(f"{HOME}O7777"), size=0)
    assert text(cnc.read(0xB9, size=256), 256) == f"{HOME}O7777"
    cnc.read(0x05, 7777, size=0)
    assert 7777 not in _numbers(cnc)


def test_what_is_not_there_is_refused_with_5(cnc: StrictClient) -> None:
    assert cnc.refused(0x05, 7654) == (5, 2)
    assert cnc.refused(0x03, 7654)[0] == 5
    assert cnc.refused(0xB6, data=named(f"{HOME}O7654"))[0] in (4, 5)
    assert cnc.upload("O7654") == (5, 2)
    assert cnc.upload(f"{HOME}O7654") == (5, 2)
    assert cnc.download("//CNC_MEM/NOPE/", b"\nO7778\nM30\n%") == (5, 1)


def test_a_file_is_made_renamed_and_deleted(cnc: StrictClient) -> None:
    cnc.read(0xB5, data=named(f"{HOME}O7778"), size=0)
    assert cnc.upload("O7778") == b"%\nO7778\n%"
    cnc.read(0xB7, data=named(f"{HOME}O7778") + named("O7779", 36), size=0)
    assert 7778 not in _numbers(cnc)
    cnc.read(0xB6, data=named(f"{HOME}O7779"), size=0)
    assert 7779 not in _numbers(cnc)


def test_transfers_broken_off_in_the_middle_leave_nothing_behind(cnc: StrictClient, port: int) -> None:
    long = b"\nO7778(LONG)\n" + b"".join(b"N%dG1X%d.\n" % (n, n) for n in range(3000)) + b"M30\n%"
    assert cnc.download(HOME, long) == (0, 0)
    cnc.abort_upload("O7778")
    cnc.transfer.send(0x15, 1, b"\0\0\0\1" + named("N:O7778", 512))
    while (got := cnc.transfer.receive()[0]) != "1502":
        assert got == "1604"
    received = b""
    while (frame := cnc.transfer.receive())[0] == "1604":
        received += frame[1]
    cnc.transfer.send(0x17, 2)
    assert received == b"%" + long
    cnc.read(0x05, 7778, size=0)
    other = StrictClient("127.0.0.1", port)
    other.transfer.send(0x11, 1, b"\0\0\0\1" + named(f"N:{HOME}", 512))
    other.transfer.expect("1102")
    other.transfer.send(0x12, 4, long[:1280])
    other.command.close()
    other.transfer.close()
    assert 7778 not in _numbers(cnc)


# -- refusals and the session --


def test_an_unknown_function_is_refused_in_its_block_alone(cnc: StrictClient) -> None:
    assert [block.code for block in cnc.blocks(ask(0x24), ask(0x7ABC), ask(0x25))] == [0, 1, 0]
    assert [block.code for block in cnc.blocks(ask(0x24, path=9))] == [11]


def test_a_session_ends_when_it_is_closed(cnc: StrictClient, port: int) -> None:
    for _ in range(30):  # more than the control has sessions
        with StrictClient("127.0.0.1", port) as other:
            assert len(other.read(0x19)) == 14
    assert len(cnc.read(0x19)) == 14
