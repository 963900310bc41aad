"""Which setting, option or network to change: the sentences of a FOCAS diagnosis."""

from typing import Final

from greengrass_components.edge_kit.diagnosis.network import Service
from greengrass_components.focas.errors import code_text

SERVICE: Final = Service(
    "FOCAS",
    8193,
    "on the control open SYSTEM > [EMBED PORT] or [ETHER BOARD] > [FOCAS2] and set the TCP port to 8193 on the "
    "interface that the cable is plugged into (embedded port and Ethernet board have screens and addresses of their "
    "own), make that device the selected one and switch the control off and on",
)

ALL_IN_USE: Final = (
    "every FOCAS connection of the control is in use: close other programs that read it (DNC and tool software, other "
    "gateways, a library that was not ended), or wait a minute until the control drops silent ones; few controls "
    "allow more than 5 to 10"
)
OTHER_REFUSAL: Final = (
    "switch the control off and on; if it stays, check that the Ethernet function and its option are enabled on the "
    "device that the cable is plugged into"
)
VERSION: Final = (
    "known are PDU versions 1 to 9; something between here and the control changes the bytes, or the control is a "
    "model nobody has seen: send us this report"
)
LAYOUT: Final = "send us this report with the model of the control: its opening is laid out in a way not yet known"
OPTION_WORD: Final = (
    "the control says that the option for extended FOCAS functions is not there: program directory, executing block "
    "and combined reads may be refused; ask the machine builder for the Ethernet / FOCAS2 option"
)
NO_PATH: Final = "set `path` of this source to one that the control has"
NO_TRANSFER: Final = (
    "values can be read, programs cannot be transferred: a transfer needs a second connection; close another program "
    "that uses the control"
)
LOST: Final = (
    "the control ends the connection when this is asked: leave the function out for this machine, and update the "
    "software of the control's Ethernet board if the builder offers it"
)
SLOW: Final = (
    "the control did not answer this in time: check for duplex mismatch and for other software that keeps it busy; a "
    "longer period of this source helps"
)

#: What a function gives, and what the control needs for it.
NEEDS: Final = {
    "status": ("state and mode", "cnc_statinfo is part of every FOCAS: check the Ethernet option of the control"),
    "alarm_bits": ("alarm bits", "no option known"),
    "alarms": ("alarm texts", "no option known"),
    "numbers": ("program number", "no option known"),
    "line": ("sequence number", "no option known"),
    "m_codes": ("M code of the block", "no option known"),
    "program_path": ("path of the program", "controls before 30i have no folders: the number is used instead"),
    "program_name": ("name of the program", "the number is used instead"),
    "absolute": ("absolute position", "no option known"),
    "machine": ("machine position", "no option known"),
    "relative": ("relative position", "no option known"),
    "distance": ("distance to go", "no option known"),
    "servo_load": ("servo load", "option: servo and spindle load meter (part of most controls from 16i on)"),
    "feed": ("actual feed", "no option known"),
    "overrides": ("overrides (PMC G12, G14, G30)", "reading the PMC over Ethernet; some builders block it"),
    "commands": ("tool and commanded words", "no option known"),
    "parts": ("part counter (parameter 6711)", "option: run hour and parts count display"),
    "parts_required": ("parts required (parameter 6713)", "option: run hour and parts count display"),
    "spindle_load": ("spindle load", "a serial spindle; analog spindles have no load meter"),
    "spindle_speed": ("spindle speed", "option: actual spindle speed output"),
    "spindle_heat": ("spindle temperature (diagnosis 403)", "a serial spindle whose motor has a sensor"),
    "axis_heat": ("servo temperature (diagnosis 308)", "digital servo from series 30i on"),
    "timer_power_on": ("power-on time", "option: run hour and parts count display"),
    "timer_operating": ("operating time", "option: run hour and parts count display"),
    "timer_cutting": ("cutting time", "option: run hour and parts count display"),
    "timer_cycle": ("cycle time", "option: run hour and parts count display"),
}

CODES: Final = {
    7: "switch off data protection of the control for reading, or leave this signal out",
    11: NO_PATH,
    12: "the control answers this in another mode only",
    17: "the Ethernet function is protected by a password: have the builder release reading",
    -1: "the control is busy: other software talks to it at the same time",
}


def title(name: str) -> str:
    """What a named ask gives."""
    return NEEDS.get(name, (name, ""))[0]


def need(name: str) -> str:
    """What a control needs to answer a named ask."""
    return NEEDS.get(name, ("", "no option known"))[1]


def code_todo(code: int) -> str:
    """What to do about a refusal that is no mere absence."""
    return CODES.get(code, f"refused with {code_text(code)}: send us this report if the value is needed")
