"""Modal data and the operator's panel."""

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import modal
from greengrass_components.focas.protocol.functions.modal import Command, GCode
from greengrass_components.focas.protocol.values import nearest, scaled
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, Refusal

ONE_SHOT = 100
AXIS_WORD = 100
MODAL_GROUPS = 21  # what cnc_modal shows of them
COMMANDED = 0x80
RAPID_CODES = {100: 0, 50: 1, 25: 2}  # 3 is F0


# What a control shows in the groups that no program of the machine touches.
AT_POWER_ON: dict[int, float] = {
    4: 22, 11: 50, 12: 67, 15: 64, 16: 69, 17: 15, 18: 40.1, 19: 25, 20: 160, 21: 13.1, 22: 50.1, 23: 54.2, 24: 80.5,
}  # fmt: skip


def _g_codes(cnc: Cnc) -> list[GCode]:
    groups = {**AT_POWER_ON, **cnc.control.modal_g}
    found = []
    for group in range(1, cnc.persona.g_groups + 1):
        code = groups.get(group, 0.0)
        tenths = code != int(code)
        found.append(GCode(group - 1, 0, round(code * 10) if tenths else int(code), tenths))
    return found


@answers(modal.G_CODES)
def g_codes(cnc: Cnc, request: Request) -> bytes:
    codes = _g_codes(cnc)
    if request.a1 == modal.ALL:
        return modal.encode_g_codes(codes)
    if not 0 <= request.a1 < len(codes) or not 0 <= request.a2 <= 2:
        raise Refusal(ATTRIBUTE)
    return modal.encode_g_codes([codes[request.a1]])


def _words(cnc: Cnc) -> dict[str, float]:
    return {"O": float(cnc.control.program_number), **cnc.control.commands}


def _command(address: str, number: float) -> Command:
    value = nearest(number)
    return Command(address, 0, 0, value.data, value.dec)


@answers(modal.COMMANDS)
def commands(cnc: Cnc, request: Request) -> bytes:
    words = _words(cnc)
    if request.a1 != modal.ALL:
        names = {index: name for name, index in modal.WORD_INDEX.items()}
        name = names.get(request.a1)
        if name is None:
            raise Refusal(ATTRIBUTE)
        words = {name: words.get(name, 0.0)}
    return modal.encode_commands([_command(address[0], words[address]) for address in sorted(words)])


@answers(modal.MODAL_G)
def modal_g(cnc: Cnc, request: Request) -> bytes:
    codes = {code.group: code.code // 10 if code.tenths else code.code for code in _g_codes(cnc)}
    if request.a1 == modal.ALL:
        return b"".join(bytes((codes.get(group, 0) & 0xFF, 0)) for group in range(MODAL_GROUPS))
    if request.a1 >= ONE_SHOT:
        return bytes(2)
    if not 0 <= request.a1 < MODAL_GROUPS:
        raise Refusal(ATTRIBUTE)
    return bytes((codes.get(request.a1, 0) & 0xFF, 0))


@answers(modal.MODAL_WORD)
def modal_word(cnc: Cnc, request: Request) -> bytes:
    axes = cnc.control.axes
    by_index = {modal.WORD_INDEX[name]: number for name, number in _words(cnc).items() if name in modal.WORD_INDEX}
    if request.a1 == modal.ALL:
        return b"".join(_word(by_index.get(index)) for index in range(modal.WORDS))
    if request.a1 == -2:
        return b"".join(_axis_word(axis.absolute) for axis in axes)
    if AXIS_WORD <= request.a1 < AXIS_WORD + len(axes):
        return _axis_word(axes[request.a1 - AXIS_WORD].absolute)
    if not 0 <= request.a1 < modal.WORDS:
        raise Refusal(ATTRIBUTE)
    return _word(by_index.get(request.a1))


def _word(number: float | None) -> bytes:
    if number is None:
        return modal.WORD_RECORD.pack(0, 0, 0, 0, 0)
    return modal.WORD_RECORD.pack(int(number), 0, COMMANDED, 0, 0)


def _axis_word(position: float) -> bytes:
    return modal.WORD_RECORD.pack(scaled(position, 3).data, 0, COMMANDED, 0, 3)


@shows(modal.PANEL)
def panel(cnc: Cnc) -> bytes:
    c = cnc.control
    words = [0] * 14
    words[0] = c.mode
    words[3] = RAPID_CODES.get(round(c.rapid_override_percent), 3)
    words[5] = round(c.feed_override_percent / 10)
    words[6] = round(c.spindle_override_percent / 10)
    return modal.PANEL_WORDS.pack(*words)
