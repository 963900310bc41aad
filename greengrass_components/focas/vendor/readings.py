"""Questions of the protocol answered by calls of the library: a request block in, the payload of its reply out.

Decimals come from cnc_rdposition; positions "as displayed" stand for the plain ones. What the library does not offer
is refused with 1, as a control refuses it.
"""

import struct
from collections.abc import Callable
from ctypes import Structure, addressof, byref, c_char, c_int16, c_int32, create_string_buffer, sizeof
from typing import Any, Final, TypeVar

from greengrass_components.focas.errors import Refused
from greengrass_components.focas.protocol.blocks import CNC, PMC, Request
from greengrass_components.focas.protocol.functions import (
    alarms,
    axes,
    clock,
    directory,
    identity,
    macros,
    modal,
    parameters,
    pmc,
    program,
    spindle,
    status,
)
from greengrass_components.focas.protocol.session import Dialect
from greengrass_components.focas.protocol.text import decode_text
from greengrass_components.focas.protocol.values import Value, padded
from greengrass_components.focas.vendor import structs
from greengrass_components.focas.vendor.library import Library

FUNCTION, LENGTH, ATTRIBUTE = 1, 2, 4
S = TypeVar("S", bound=Structure)
Read = Callable[["Readings", Request], bytes]
#: cnc_modal's type for an index of the wire.
MODAL_TYPES: Final = {11: 106, 12: 125, 13: 126, 22: 108, 21: 107, 5: 103}
#: Bytes of one value -> type word of a parameter and of a diagnosis.
SIZES: Final = ((1, "b"), (2, "h"), (4, "i"), (8, "ii"))
PARAMETER_TYPES: Final = {1: 1, 2: 2, 4: 3, 8: 4}
DIAGNOSIS_TYPES: Final = {1: 0, 2: 1, 4: 2, 8: 5}
MOST_ENTRIES: Final = 10


class Readings:
    """The library on one handle; what one call tells about several questions is asked once per `begin`."""

    def __init__(self, library: Library, handle: int, dialect: Dialect) -> None:
        self._library, self._handle, self._dialect = library, handle, dialect
        self._known: dict[str, Any] = {}
        self._sizes: dict[tuple[str, int], int] = {}
        self._path = 1

    def begin(self) -> None:
        """A new round of questions."""
        self._known.clear()

    def answer(self, request: Request) -> bytes:
        """Payload of one block. Raises Refused."""
        found = TABLE.get((request.module, request.function))
        if found is None:
            raise Refused(request.function, FUNCTION)
        if request.module == CNC and request.path != self._path:
            self.call("cnc_setpath", request.path)
            self._path = request.path
            self._known.clear()
        try:
            return found(self, request)
        except Refused as refusal:
            raise Refused(request.function, refusal.code) from refusal

    def call(self, name: str, *arguments: Any) -> None:
        """One call. Raises Refused."""
        self._library.call(name, self._handle, *arguments)

    def one(self, name: str, kind: type[S], *arguments: Any) -> S:
        """A call that fills one structure."""
        found = kind()
        self.call(name, *arguments, byref(found))
        return found

    def many(self, name: str, kind: type[S], most: int, *arguments: Any) -> list[S]:
        """A call that fills as many structures as it says."""
        count, found = c_int16(most), (kind * most)()
        self.call(name, *arguments, byref(count), byref(found))
        return [found[at] for at in range(max(0, min(count.value, most)))]

    def _once(self, name: str, ask: Callable[[], Any]) -> Any:
        if name not in self._known:
            self._known[name] = ask()
        return self._known[name]

    # -- answers --

    def sysinfo(self, _: Request) -> bytes:
        found = self.one("cnc_sysinfo", structs.OdbSys)
        raw = bytes(found)
        return struct.pack(">hh", found.addinfo, found.max_axis) + raw[4:18]

    def cnc_id(self, _: Request) -> bytes:
        words = (c_int32 * 4)()
        self.call("cnc_rdcncid", byref(words))
        return struct.pack(">4i", *words)

    def axis_names(self, request: Request) -> bytes:
        if request.a1:
            raise Refused(request.function, FUNCTION)
        named = self.many("cnc_rdaxisname", structs.Name, self._dialect.max_axes)
        return axes.encode_names([_text(name) for name in named], slots=self._dialect.max_axes)

    def spindle_names(self, _: Request) -> bytes:
        named = self.many("cnc_rdspdlname", structs.SpindleName, self._dialect.max_spindles)
        return axes.encode_names([_text(name) for name in named], slots=self._dialect.max_spindles)

    def _positions(self) -> list[structs.Position]:
        found: list[structs.Position] = self._once(
            "positions", lambda: self.many("cnc_rdposition", structs.Position, self._dialect.max_axes, -1)
        )
        return found

    def units(self, request: Request) -> bytes:
        if request.a1 not in (1, 2):
            raise Refused(request.function, FUNCTION)
        each = [position.absolute.unit for position in self._positions()]
        return axes.encode_axis_units(each, slots=self._dialect.max_axes)

    def position(self, request: Request) -> bytes:
        field = {0: "absolute", 4: "absolute", 1: "machine", 2: "relative", 6: "relative", 3: "distance", 7: "distance"}
        if request.a1 not in field:
            raise Refused(request.function, FUNCTION)
        elements = [getattr(position, field[request.a1]) for position in self._positions()]
        values = [Value(element.data, element.dec) for element in elements]
        if request.a2 == axes.ALL:
            return padded(values, self._dialect.max_axes)
        if not 1 <= request.a2 <= len(values):
            raise Refused(request.function, ATTRIBUTE)
        return values[request.a2 - 1].encode()

    def _status(self) -> status.Status:
        def ask() -> status.Status:
            s = self.one("cnc_statinfo", structs.OdbSt)
            return status.Status(s.aut, s.run, s.motion, s.mstb, s.emergency, s.alarm, s.edit, s.tmmode, s.hdck)

        found: status.Status = self._once("status", ask)
        return found

    def statinfo(self, request: Request) -> bytes:
        encoders = {
            status.STATUS: status.encode_status,
            status.RETRACE: status.encode_retrace,
            status.TM_MODE: status.encode_tm_mode,
        }
        return encoders[request.function](self._status())

    def alarm_bits(self, _: Request) -> bytes:
        bits = c_int32()
        self.call("cnc_alarm2", byref(bits))
        return alarms.encode_alarm_bits(bits.value & 0xFFFFFFFF)

    def alarm_messages(self, request: Request) -> bytes:
        found = self.many("cnc_rdalmmsg2", structs.AlarmMessage, max(request.a2, 1), request.a1)
        shown = [alarms.Alarm(a.number, a.type, a.axis, decode_text(a.text[: max(a.length, 0)])) for a in found]
        return alarms.encode_alarms(shown, text_length=request.a4)

    def numbers(self, _: Request) -> bytes:
        dynamic = self._once("dynamic", self._dynamic)
        return program.encode_numbers(dynamic.running, dynamic.main)

    def _dynamic(self) -> structs.Dynamic:
        return self.one("cnc_rddynamic2", structs.Dynamic, axes.ALL, sizeof(structs.Dynamic))

    def sequence(self, _: Request) -> bytes:
        return program.encode_long(self.one("cnc_rdseqnum", structs.Number).data)

    def name(self, _: Request) -> bytes:
        found = self.one("cnc_exeprgname", structs.ProgramName)
        return program.encode_name(found.number, decode_text(found.name))

    def path_name(self, _: Request) -> bytes:
        path = create_string_buffer(program.PATH_SIZE)
        self.call("cnc_exeprgname2", byref(path))
        return program.encode_path(decode_text(path.raw))

    def feed(self, _: Request) -> bytes:
        return Value(self.one("cnc_actf", structs.Number).data).encode()

    def speed(self, _: Request) -> bytes:
        return Value(self.one("cnc_acts", structs.Number).data).encode()

    def servo(self, request: Request) -> bytes:
        if request.a1 != 1:
            raise Refused(request.function, FUNCTION)
        loads = self.many("cnc_rdsvmeter", structs.Load, self._dialect.max_axes)
        return padded([Value(load.data, load.dec) for load in loads], self._dialect.max_axes)

    def spindles(self, request: Request) -> bytes:
        if request.a1 == spindle.Kind.ACTUAL_SPEED:
            found = self.one("cnc_acts2", structs.Numbers, axes.ALL)
            count = len(self.many("cnc_rdspdlname", structs.SpindleName, self._dialect.max_spindles))
            return padded([Value(found.data[at]) for at in range(count)], self._dialect.max_spindles)
        if request.a1 not in (spindle.Kind.LOAD_METER, spindle.Kind.MOTOR_SPEED):
            raise Refused(request.function, FUNCTION)
        meters = self._once(
            "spindles", lambda: self.many("cnc_rdspmeter", structs.SpindleLoad, self._dialect.max_spindles, axes.ALL)
        )
        loads = [meter.load if request.a1 == spindle.Kind.LOAD_METER else meter.speed for meter in meters]
        return padded([Value(load.data, load.dec) for load in loads], self._dialect.max_spindles)

    def timer(self, request: Request) -> bytes:
        found = self.one("cnc_rdtimer", structs.Timer, request.a1)
        return struct.pack(">2i", found.minute, found.msec)

    def record(self, request: Request) -> bytes:
        """The library tells no type: the smallest length that it takes is that of the number's own."""
        diagnosis = request.function == parameters.DIAGNOSIS
        name, types = ("cnc_diagnoss", DIAGNOSIS_TYPES) if diagnosis else ("cnc_rdparam", PARAMETER_TYPES)
        if request.a1 != request.a2:
            raise Refused(request.function, FUNCTION)
        size, found = self._sized(name, request.a1, request.a3)
        letters = dict(SIZES)[size]
        count = self._dialect.max_axes if request.a3 == parameters.ALL else 1
        numbers = struct.unpack_from(f"<{letters * count}", bytes(found.data))
        pairs = zip(numbers[::2], numbers[1::2], strict=True) if size == 8 else ((number, 0) for number in numbers)
        values = tuple(Value(data, dec) for data, dec in pairs)
        record = parameters.Record(request.a1, request.a3, types[size], values)
        return parameters.encode_record(record, dialect=self._dialect)

    def _sized(self, name: str, number: int, axis: int) -> tuple[int, structs.Record]:
        known = self._sizes.get((name, number))
        count = self._dialect.max_axes if axis == parameters.ALL else 1
        for size in [known] if known else [size for size, _ in SIZES]:
            try:
                found = self.one(name, structs.Record, number, axis, 4 + size * count)
            except Refused as refusal:
                if refusal.code != LENGTH:
                    raise
                continue
            self._sizes[name, number] = size
            return size, found
        raise Refused(0, LENGTH)

    def macro(self, request: Request) -> bytes:
        found = b""
        for number in range(request.a1, request.a2 + 1):
            macro = self.one("cnc_rdmacro", structs.Macro, number, 10)
            found += Value(macro.value, macro.dec).encode()
        return found

    def commands(self, request: Request) -> bytes:
        found = self.many("cnc_rdcommand", structs.Command, 30, request.a1, request.a2)
        words = [modal.Command(c.address.decode("latin-1"), c.number, c.flag, c.value, c.dec) for c in found]
        return modal.encode_commands(words)

    def modal_word(self, request: Request) -> bytes:
        kind = MODAL_TYPES.get(request.a1)
        if kind is None:
            raise Refused(request.function, FUNCTION)
        found = self.one("cnc_modal", structs.Modal, kind, request.a2)
        return modal.WORD_RECORD.pack(found.value, 0, found.flag1, 0, found.flag2)

    def cells(self, request: Request) -> bytes:
        size = request.a2 - request.a1 + 1
        if size > sizeof(structs.Cells) - 8:
            raise Refused(request.function, LENGTH)
        arguments = (request.a3, request.a4, request.a1, request.a2, 8 + size)
        found = self.one("pmc_rdpmcrng", structs.Cells, *arguments)
        width = pmc.Width(request.a4)
        numbers = struct.unpack_from(f"<{size // width.size}{width.letter}", bytes(found.data))
        return pmc.encode_cells(numbers, width=width)

    def programs(self, request: Request) -> bytes:
        first, count = c_int32(request.a1), c_int16(min(max(request.a2, 1), MOST_ENTRIES))
        found = (structs.ProgramEntry * count.value)()
        self.call("cnc_rdprogdir3", directory.ALL_FACTS, byref(first), byref(count), byref(found))
        entries = []
        for at in range(count.value):
            year, month, day, hour, minute, _ = found[at].modified
            comment = decode_text(found[at].comment)
            when = (year, month, day, hour, minute)
            entries.append(directory.ProgramEntry(found[at].number, found[at].length, comment, when))
        return directory.encode_directory(entries)


def _text(named: Structure) -> str:
    """All characters of a name structure, zeros and blanks left out."""
    raw = (c_char * sizeof(named)).from_address(addressof(named)).raw
    return raw.replace(b"\0", b"").decode("latin-1").strip()


TABLE: Final[dict[tuple[int, int], Read]] = {
    (CNC, identity.SYSINFO): Readings.sysinfo,
    (CNC, identity.CNC_ID): Readings.cnc_id,
    (CNC, axes.NAMES): Readings.axis_names,
    (CNC, axes.SPINDLE_NAMES): Readings.spindle_names,
    (CNC, axes.UNITS): Readings.units,
    (CNC, axes.POSITION): Readings.position,
    (CNC, axes.SERVO): Readings.servo,
    (CNC, axes.FEED): Readings.feed,
    (CNC, axes.SPEED): Readings.speed,
    (CNC, spindle.SPINDLE): Readings.spindles,
    (CNC, status.STATUS): Readings.statinfo,
    (CNC, status.RETRACE): Readings.statinfo,
    (CNC, status.TM_MODE): Readings.statinfo,
    (CNC, alarms.ALARM_BITS): Readings.alarm_bits,
    (CNC, alarms.ALARM_MESSAGES): Readings.alarm_messages,
    (CNC, program.NUMBERS): Readings.numbers,
    (CNC, program.SEQUENCE): Readings.sequence,
    (CNC, program.NAME): Readings.name,
    (CNC, program.PATH_NAME): Readings.path_name,
    (CNC, clock.TIMER): Readings.timer,
    (CNC, parameters.PARAMETER): Readings.record,
    (CNC, parameters.DIAGNOSIS): Readings.record,
    (CNC, macros.READ): Readings.macro,
    (CNC, modal.COMMANDS): Readings.commands,
    (CNC, modal.MODAL_WORD): Readings.modal_word,
    (CNC, directory.DIRECTORY): Readings.programs,
    (PMC, pmc.READ): Readings.cells,
}
