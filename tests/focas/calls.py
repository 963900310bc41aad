"""Which call of ours stands for which recorded vector, and how its result compares with what was returned.

`CALLS[index]` lists the calls of the vector's PDUs in order and a function from their results to the shape of
`returned` (None: the call is expected to be refused or returns nothing).
"""

from collections.abc import Callable
from datetime import date, time
from typing import Any

from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions import (
    alarms,
    axes,
    clock,
    directory,
    files,
    identity,
    macros,
    modal,
    offsets,
    parameters,
    pmc,
    program,
    spindle,
    status,
)
from greengrass_components.focas.protocol.functions.parameters import Record
from greengrass_components.focas.protocol.functions.pmc import Area, Width
from greengrass_components.focas.protocol.values import VACANT, Value
from tests.focas import operator_client

HOME = "//CNC_MEM/USER/PATH1/"
Expectation = tuple[list[Call[Any]], Callable[..., Any]]


def _signed16(number: int) -> int:
    return (number & 0xFFFF ^ 0x8000) - 0x8000


def _status(s: status.Status) -> dict[str, int]:
    names = ("hdck", "tmmode", "aut", "run", "motion", "mstb", "emergency", "alarm", "edit")
    return {name: getattr(s, name) for name in names}


def _status2(s: status.Status) -> dict[str, int]:
    return _status(s) | {name: getattr(s, name) for name in ("warning", "o3dchk", "ext_opt", "restart")}


def _alarms(found: list[alarms.Alarm]) -> list[dict[str, Any]]:
    return [
        {"alm_no": a.number, "type": a.type, "axis": a.axis, "msg_len": len(a.text), "alm_msg": a.text} for a in found
    ]


def _messages(found: list[alarms.OperatorMessage]) -> list[dict[str, Any]]:
    return [{"datano": m.number, "type": m.type, "char_num": len(m.text), "data": m.text} for m in found]


def _positions(kind: axes.Kind, axis: int) -> Expectation:
    def shape(values: list[Value]) -> dict[str, Any]:
        data = [value.data for value in values]
        return {"type": axis, "data": data[:3] if axis == -1 else data[0]}

    return [axes.position(kind, axis)], shape


def _dynamic(axis: int) -> Expectation:
    def shape(d: axes.Dynamic) -> dict[str, Any]:
        def some(values: list[Value]) -> Any:
            return [v.data for v in values[:3]] if axis == -1 else values[0].data

        return {
            "axis": axis, "alarm": _signed16(d.alarm_bits), "prgnum": d.running, "prgmnum": d.main,
            "seqnum": d.sequence, "actf": d.feed.data, "acts": d.speed.data, "absolute": some(d.absolute),
            "machine": some(d.machine), "relative": some(d.relative), "distance": some(d.distance),
        }  # fmt: skip

    return [axes.rddynamic2(axis)], shape


def _element(value: Value, name: str) -> dict[str, Any]:
    return {"data": value.data, "dec": value.dec, "unit": 0, "disp": 1, "name": name, "suff": "\0"}


def _position(p: axes.Position) -> list[dict[str, Any]]:
    columns = zip(p.names, p.absolute, p.machine, p.relative, p.distance, strict=True)
    kinds = ("abs", "mach", "rel", "dist")
    return [{k: _element(v, name) for k, v in zip(kinds, values, strict=True)} for name, *values in columns]


def _speed(s: axes.Speed) -> dict[str, Any]:
    feed = {"data": s.feed.data, "dec": s.feed.dec, "unit": s.feed_unit, "disp": 0, "name": "F", "suff": "\0"}
    speed = {"data": s.speed.data, "dec": s.speed.dec, "unit": 2, "disp": 1, "name": "S", "suff": "1"}
    return {"actf": feed, "acts": speed}


def _spindle(kind: spindle.Kind, number: int) -> Expectation:
    return [spindle.spindle(kind, number)], lambda values: {"datano": number, "data0": values[0].data}


def _meters(found: list[spindle.SpindleMeter]) -> list[dict[str, Any]]:
    def element(value: Value, unit: int) -> dict[str, Any]:
        return {"data": value.data, "dec": value.dec, "unit": unit, "name": "S", "suff1": "1", "suff2": "\0"}

    return [{"spload": element(m.load, 0), "spspeed": element(m.speed, 1)} for m in found]


def _absolute(p: axes.Position) -> list[dict[str, Any]]:
    assert (p.machine, p.relative, p.distance) == ([], [], [])
    return [{"abs": _element(value, name)} for name, value in zip(p.names, p.absolute, strict=True)]


def _meter(m: spindle.SpindleMeter, name: str) -> dict[str, Any]:
    return {name: _meters([spindle.SpindleMeter(m.name, m.load or Value(0), m.speed or Value(0))])[0][name]}


def _axis_data(name: str, value: Value, *, unit: int, flag: int) -> dict[str, Any]:
    return {"name": name, "data": value.data, "dec": value.dec, "unit": unit, "flag": flag}


def _as_in_memory(record: Record) -> str:
    """A byte parameter as the library lays it out; three bytes behind it stay as they were (0xee)."""
    head = record.number.to_bytes(2, "little")
    return (head + bytes([record.axis, record.type, record.value.data])).hex() + "eeeeee"


def _servo(found: list[axes.ServoLoad]) -> list[dict[str, Any]]:
    return [
        {"data": s.load.data, "dec": s.load.dec, "unit": 0, "name": s.name, "suff1": "\0", "suff2": "\0"} for s in found
    ]


def _record(read: Callable[..., Call[Record]], number: int, axis: int, *, flat: bool = False) -> Expectation:
    def shape(record: Record) -> dict[str, Any]:
        used = record.values[:3] if axis == -1 else record.values
        data = [part for v in used for part in ((v.data, v.dec) if flat else (v.data,))]
        return {"datano": record.number, "type": record.axis, "data": data}

    return [read(number, axis)], shape


def _write(record: Record) -> Expectation:
    return [parameters.rdparainfo3(record.number), parameters.wrparam(record)], lambda *_: {}


def _entries(found: list[directory.ProgramEntry]) -> list[dict[str, Any]]:
    return [{"number": e.number, "length": e.length, "comment": e.comment, "mdate": list(e.modified)} for e in found]


def _folder(found: list[files.Entry]) -> list[dict[str, Any]]:
    return [
        {"data_kind": int(e.is_file), "date": list(e.modified), "size": e.size, "attr": e.attributes, "d_f": e.name,
         "comment": e.comment} for e in found
    ]  # fmt: skip


def _command(c: modal.Command) -> dict[str, Any]:
    return {"adrs": c.address, "num": c.number, "flag": c.flag, "cmd_val": c.data, "dec_val": c.dec}


def _pmc(area: Area, first: int, count: int, width: Width) -> Expectation:
    last = first + count * width.size - 1
    return [pmc.rdpmcrng(area, first, count, width)], lambda data: {
        "type_a": area, "type_d": width, "s": first, "e": last, "data": data,
    }  # fmt: skip


def _nothing(call: Call[Any]) -> Expectation:
    return [call], lambda *_: {}


REAL = [Value(1, 0), Value(2, 1), Value(3, 2), *[Value(0)] * 29]
CALLS: dict[int, Expectation] = {
    1: ([status.statinfo()], _status),
    2: ([status.statinfo2()], _status2),
    3: ([alarms.alarm2()], lambda bits: {"data": _signed16(bits)}),
    4: ([alarms.alarm2()], lambda bits: {"bits": bits}),
    5: ([alarms.rdalmmsg2(text_length=32)], _alarms),
    6: ([alarms.rdalmmsg2()], _alarms),
    7: ([alarms.rdalmmsg2(6, 1)], _alarms),
    8: ([alarms.rdopmsg()], lambda found: _messages(found)[0]),
    9: ([alarms.rdopmsg3()], _messages),
    10: ([program.rdprgnumo8()], lambda n: {"data": n.running, "mdata": n.main}),
    11: ([program.rdprgnumo8()], lambda n: {"data": n.running, "mdata": n.main}),
    12: ([program.exeprgname()], lambda n: {"name": n.name, "o_num": n.number}),
    13: ([program.exeprgname2()], lambda path: {"path": path}),
    14: ([program.rdseqnum()], lambda number: {"data": number}),
    15: ([program.rdblkcount()], lambda number: {"prog_bc": number}),
    16: ([program.rdexecprog()], lambda text: {"data": text.text + "\n"}),
    17: ([identity.rdcncid()], lambda words: {f"id{n}": word for n, word in enumerate(words)}),
    18: _positions(axes.Kind.ABSOLUTE, -1),
    19: _positions(axes.Kind.MACHINE, -1),
    20: _positions(axes.Kind.RELATIVE, -1),
    21: _positions(axes.Kind.DISTANCE, -1),
    22: _positions(axes.Kind.ABSOLUTE, 2),
    23: _positions(axes.Kind.MACHINE, 2),
    24: _positions(axes.Kind.RELATIVE, 2),
    25: _positions(axes.Kind.DISTANCE, 2),
    26: ([axes.rdaxisname()], lambda names: names),
    27: ([axes.rdaxisname()], lambda names: names),
    28: ([spindle.rdspdlname()], lambda names: names),
    29: _dynamic(1),
    30: _dynamic(-1),
    31: ([axes.rdposition()], _position),
    32: ([axes.rdposition(axes.Kind.ABSOLUTE_SHOWN)], _absolute),
    33: ([axes.rdspeed()], _speed),
    34: ([axes.actf()], lambda value: {"data": value.data}),
    35: ([spindle.acts()], lambda value: {"data": value.data}),
    36: _spindle(spindle.Kind.ACTUAL_SPEED, -1),
    37: _spindle(spindle.Kind.ACTUAL_SPEED, 1),
    38: _spindle(spindle.Kind.LOAD_RAW, -1),
    39: _spindle(spindle.Kind.MAX_RPM, -1),
    40: _spindle(spindle.Kind.GEAR, -1),
    41: ([spindle.rdspmeter()], _meters),
    42: ([spindle.rdspmeter(speed=False)], lambda found: [_meter(m, "spload") for m in found]),
    43: ([spindle.rdspmeter(load=False)], lambda found: [_meter(m, "spspeed") for m in found]),
    44: ([axes.rdsvmeter()], _servo),
    45: ([axes.rdposition()], lambda p: [_axis_data(p.names[0], p.absolute[0], unit=0, flag=1)]),
    46: ([axes.rdaxisdata_servo()], lambda found: [_axis_data(found[0].name, found[0].load, unit=8, flag=0)]),
    47: ([spindle.rdaxisdata_spindle()], lambda found: [_axis_data(found[0].name, found[0].load, unit=8, flag=0)]),
    48: (
        [identity.getfigure()],
        lambda found: {"dec_in": [f.inputs for f in found], "dec_out": [f.outputs for f in found]},
    ),
    49: _record(parameters.rdparam, 20, 0),
    50: _record(parameters.rdparam, 1825, -1),
    51: _record(parameters.rdparam, 6711, 0),
    52: _record(parameters.rdparam, 1320, 1, flat=True),
    53: _record(parameters.rdparam, 1320, -1, flat=True),
    54: _nothing(parameters.rdparam(31999)),
    55: ([parameters.rdparar(20, 20)], lambda found: {"raw": _as_in_memory(found[0])}),
    56: _record(parameters.diagnoss, 308, -1),
    57: _record(parameters.diagnoss, 308, 1),
    58: _record(parameters.diagnoss, 410, 1),
    59: _record(parameters.diagnoss, 300, -1),
    60: _record(parameters.diagnoss, 301, 3, flat=True),
    61: _write(Record(20, 0, 1, (Value(5),))),
    62: _write(Record(6713, 0, 3, (Value(123456),))),
    63: _write(Record(1320, 1, 4, (Value(-12345, 3),))),
    64: _write(Record(1320, -1, 4, tuple(REAL))),
    65: _write(Record(1825, 2, 2, (Value(-7),))),
    66: ([macros.rdmacro(500)], lambda v: {"datano": 500, "mcr_val": v.data, "dec_val": v.dec}),
    67: ([macros.rdmacro(502)], lambda v: {"datano": 502, "mcr_val": v.data, "dec_val": v.dec}),
    68: _nothing(macros.rdmacro(99)),
    69: _nothing(macros.wrmacro(500, Value(-98765, 2))),
    70: _nothing(macros.wrmacro(502, VACANT)),
    71: ([macros.rdmacror(500, 502)], lambda values: [[v.data, v.dec] for v in values]),
    72: ([macros.rdmacror2(500, 2)], lambda numbers: numbers),
    73: _nothing(macros.wrmacror2(500, [1.5, -2.25])),
    **{74 + n: ([clock.rdtimer(clock.Timer(n))], lambda t: {"minute": t.minutes, "msec": t.ms}) for n in range(4)},
    78: ([clock.gettimer_date()], lambda d: {"data": [d.year, d.month, d.day]}),
    79: ([clock.gettimer_time()], lambda t: {"data": [t.hour, t.minute, t.second]}),
    80: _pmc(Area.R, 100, 10, Width.BYTE),
    81: _pmc(Area.D, 100, 4, Width.WORD),
    82: _pmc(Area.D, 200, 2, Width.LONG),
    83: _nothing(pmc.rdpmcrng(Area.D, 60000, 1)),
    84: _nothing(operator_client.write_pmc(Area.R, 100, [1, 2, 3, 250])),
    85: _nothing(operator_client.write_pmc(Area.D, 100, [258, -2], Width.WORD)),
    86: _nothing(operator_client.write_pmc(Area.D, 200, [66051, -70000], Width.LONG)),
    **{
        87 + kind: (
            [offsets.rdtofs(1, kind)],
            lambda v, kind=kind: {"datano": 1, "type": kind, "data": v.data},  # type: ignore[misc]
        )
        for kind in range(4)
    },
    91: _nothing(offsets.rdtofs(9999, 0)),
    92: _nothing(offsets.wrtofs(1, 3, -12345)),
    93: ([offsets.rdtofsr(1, 3, 0)], lambda values: [v.data for v in values]),
    94: ([offsets.rdtofsinfo()], lambda i: {"ofs_type": i.memory, "use_no": i.count}),
    95: ([offsets.rdtofsinfo()], lambda i: {"ofs_type": i.memory, "use_no": i.count, "ofs_enable": i.enabled}),
    96: ([offsets.rdzofs(1)], lambda values: {"datano": 1, "type": -1, "data": [v.data for v in values[:3]]}),
    97: ([offsets.rdzofs(1, 2)], lambda values: {"datano": 1, "type": 2, "data": values[0].data}),
    98: _nothing(offsets.wrzofs(1, 2, -4321)),
    99: (
        [modal.rdgcode()],
        lambda codes: [{"group": c.group, "flag": c.flag, "code": c.text} for c in codes],
    ),
    100: ([modal.rdcommand()], lambda words: [_command(c) for c in words]),
    101: ([modal.modal_g(0)], lambda codes: {"datano": 0, "g_data": codes[0]}),
    102: (
        [modal.modal_word(22)],
        lambda words: {"datano": 108, "aux_data": words[0], "flag1": 128, "flag2": 0},
    ),
    103: ([modal.modal_word(11)], lambda words: {"datano": 106, "aux_data": words[0]}),
    104: ([directory.rdprogdir3(0, 10)], _entries),
    105: ([directory.rdprogdir3(100, 1, kind=0)], lambda _: {}),
    106: ([directory.rdprogdir3(100, 1, kind=1)], lambda _: {}),
    107: ([directory.rdprogdir2(1, 3)], lambda _: {}),
    108: (
        [directory.rdproginfo()],
        lambda m: {
            "reg_prg": m.registered,
            "unreg_prg": m.unregistered,
            "used_mem": m.used,
            "unused_mem": m.unused,
        },
    ),
    109: ([files.rdpdf_drive()], lambda names: {"max_num": len(names), "drive": names}),
    110: (
        [files.rdpdf_inf("//CNC_MEM/")],
        lambda i: {
            "used_page": i.used,
            "all_page": i.all,
            "used_dir": i.used_directories,
            "all_dir": i.all_directories,
        },
    ),
    111: ([files.rdpdf_curdir()], lambda path: {"dir": path}),
    112: _nothing(operator_client.change_folder(HOME)),
    113: ([files.rdpdf_subdirn(HOME)], lambda n: {"dir_num": n[0], "file_num": n[1]}),
    114: (
        [files.rdpdf_subdir("//CNC_MEM/")],
        lambda found: [{"sub_exist": 0, "d_f": f.name} for f in found],
    ),
    115: ([files.rdpdf_alldir(HOME)], _folder),
    116: ([program.pdf_rdmain()], lambda path: {"path": path}),
    117: _nothing(operator_client.select_main(HOME + "O1234")),
    118: _nothing(operator_client.select_main(HOME + "O4321")),
    119: _nothing(operator_client.search(1)),
    120: _nothing(operator_client.search(4321)),
    121: _nothing(files.pdf_add(HOME + "O0055")),
    122: _nothing(files.pdf_del(HOME + "O0055")),
    123: _nothing(files.pdf_rename(HOME + "O0055", HOME + "O0056")),
    124: ([files.rdpdf_line(HOME + "O0001")], lambda text: {"text": text}),
    125: ([identity.rdetherinfo()], lambda _: {}),
    126: _nothing(operator_client.set_date(date(2026, 11, 22))),
    127: _nothing(operator_client.set_time(time(12, 34, 56))),
    138: _nothing(directory.delete(77)),
    139: _nothing(directory.delete(77)),
}

NO_TRAFFIC = {128}
