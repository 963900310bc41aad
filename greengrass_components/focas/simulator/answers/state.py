"""Identity, state, alarms and messages."""

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import alarms, identity, status
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, LENGTH, Refusal

FIGURES = {1: (3, 3), 2: (3, 3), 3: (3, 3), 4: (0, 0)}  # decimals of offsets, macros, work offsets, feed
DECIMALS = 3
MOST_TEXT = 256


@shows(identity.SYSINFO)
def sysinfo(cnc: Cnc) -> bytes:
    return identity.encode_system(cnc.persona.system_info(cnc.control))


@shows(identity.CNC_ID)
def cnc_id(cnc: Cnc) -> bytes:
    return identity.encode_cnc_id(cnc.persona.cnc_id)


@shows(identity.ETHERNET)
def ethernet(cnc: Cnc) -> bytes:
    return identity.encode_ethernet(*cnc.persona.ethernet)


@shows(identity.MODEL)
def model(cnc: Cnc) -> bytes:
    return cnc.persona.model.to_bytes(4, "big")


@answers(identity.FIGURE)
def figure(cnc: Cnc, request: Request) -> bytes:
    if request.a1 == 0:
        return identity.encode_figures([identity.Figure(DECIMALS, DECIMALS)] * len(cnc.control.axes))
    if request.a1 not in FIGURES:
        raise Refusal(ATTRIBUTE)
    return identity.encode_figures([identity.Figure(*FIGURES[request.a1])])


@shows(status.STATUS)
def statinfo(cnc: Cnc) -> bytes:
    return status.encode_status(cnc.status)


@shows(status.STATUS2)
def statinfo2(cnc: Cnc) -> bytes:
    return status.encode_status2(cnc.status)


@shows(status.RETRACE)
def retrace(cnc: Cnc) -> bytes:
    return status.encode_retrace(cnc.status)


@shows(status.TM_MODE)
def tm_mode(cnc: Cnc) -> bytes:
    return status.encode_tm_mode(cnc.status)


@shows(alarms.ALARM_BITS)
def alarm_bits(cnc: Cnc) -> bytes:
    bits = 0
    for alarm in cnc.control.alarms:
        bits |= 1 << (alarm.type & 31)
    return alarms.encode_alarm_bits(bits)


@answers(alarms.ALARM_MESSAGES)
def alarm_messages(cnc: Cnc, request: Request) -> bytes:
    if not 0 <= request.a4 <= MOST_TEXT or request.a2 < 1:
        raise Refusal(LENGTH)
    wanted = [a for a in cnc.control.alarms if request.a1 in (alarms.ALL, a.type)][: request.a2]
    with_text = request.a3 != 0
    shown = [alarms.Alarm(a.number, a.type, a.axis, a.text if with_text else "") for a in wanted]
    return alarms.encode_alarms(shown, text_length=request.a4)


def _messages(cnc: Cnc) -> list[alarms.OperatorMessage]:
    return [alarms.OperatorMessage(message.number, 0, message.text) for message in cnc.control.messages]


@answers(alarms.MESSAGE)
def message(cnc: Cnc, request: Request) -> bytes:
    if not alarms.ALL <= request.a1 <= 4:
        raise Refusal(ATTRIBUTE)
    shown = _messages(cnc) if request.a1 in (alarms.ALL, 0) else []
    return alarms.encode_message(shown[0] if shown else None, max(request.a1, 0))


@answers(alarms.MESSAGES)
def messages(cnc: Cnc, request: Request) -> bytes:
    if not alarms.ALL <= request.a2 <= 4:
        raise Refusal(ATTRIBUTE)
    shown = _messages(cnc) if request.a2 in (alarms.ALL, 0) else []
    wanted = shown[: max(request.a3, 0)]
    return b"".join(map(alarms.encode_message, wanted)) if wanted else alarms.encode_message(None)
