"""Requests that the product's client must not have, and a client that sends them; the control is tested with them."""

from collections.abc import Sequence
from datetime import date, time

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.protocol.blocks import PMC, Call, Request, nothing, one
from greengrass_components.focas.protocol.functions import clock, directory, files, pmc
from greengrass_components.focas.protocol.functions.pmc import Area, Width, encode_cells
from greengrass_components.focas.protocol.functions.program import encode_path

START, RESET, REWIND, CLEAR_ALARM, WRITE_MDI, RESET2 = 0x01, 0x02, 0x1F, 0x87, 0x37, 0x2C5
FORBIDDEN = {
    (1, START), (1, RESET), (1, REWIND), (1, CLEAR_ALARM), (1, WRITE_MDI), (1, RESET2),
    (1, directory.SEARCH), (1, files.SELECT_MAIN), (1, files.WRITE_FOLDER), (1, clock.SET_CLOCK), (2, pmc.WRITE),
}  # fmt: skip


def start() -> Call[None]:
    return one(Request(START), nothing)


def reset() -> Call[None]:
    return one(Request(RESET), nothing)


def clear_alarm() -> Call[None]:
    return one(Request(CLEAR_ALARM), nothing)


def search(number: int) -> Call[None]:
    return one(Request(directory.SEARCH, number), nothing)


def select_main(path: str) -> Call[None]:
    return one(Request(files.SELECT_MAIN, data=encode_path(path)), nothing)


def change_folder(path: str, which: int = 1) -> Call[None]:
    return one(Request(files.WRITE_FOLDER, which, data=encode_path(path)), nothing)


def write_pmc(area: Area, first: int, numbers: list[int], width: Width = Width.BYTE) -> Call[None]:
    data = encode_cells(numbers, width=width)
    return one(Request(pmc.WRITE, first, first + len(data) - 1, area, width, data=data, module=PMC), nothing)


def set_date(day: date) -> Call[None]:
    return one(Request(clock.SET_CLOCK, 0, data=clock.CLOCK.pack(day.year, day.month, day.day, 0, 0, 0)), nothing)


def set_time(at: time) -> Call[None]:
    return one(Request(clock.SET_CLOCK, 1, data=clock.CLOCK.pack(0, 0, 0, at.hour, at.minute, at.second)), nothing)


class OperatorClient(FocasClient):
    """Sends whatever it is told."""

    @staticmethod
    def _check(requests: Sequence[Request]) -> None:
        del requests
