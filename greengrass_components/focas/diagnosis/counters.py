"""Ways to count parts, side by side with live values, so that one can be chosen before anything is saved.

Parameters 6711 to 6713 and their macro twins #3901 and #3902 need the option "run hour and parts count"; the ladder
may count in cells of its own; the M code that ends a program can always be watched.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from greengrass_components.edge_kit.diagnosis.probe import Target
from greengrass_components.edge_kit.diagnosis.report import Counter, Report
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.errors import FocasError
from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions import macros, modal, parameters, pmc

COUNTING_M_CODE: Final = 6710  # which M code counts besides M02 and M30
ENDS: Final = (2, 30)
LOOK_EVERY_S: Final = 0.2
MOST_WATCH_S: Final = 600.0
CELL: Final = re.compile(r"^([GFYXARTKCDE])(\d{1,5})(?::([124]))?$")
WIDTHS: Final = {"1": pmc.Width.BYTE, "2": pmc.Width.WORD, "4": pmc.Width.LONG}


class BadCell(ValueError):
    """A PMC cell that is none."""


@dataclass(frozen=True, slots=True)
class Way:
    """One method and how its value is asked."""

    method: str
    meaning: str
    call: Call[Any]


def cell_call(text: str) -> Call[Any]:
    """`D100:2`, two bytes from D100 on. Raises BadCell."""
    found = CELL.match(text.upper())
    if found is None:
        raise BadCell(f"{text!r} is no PMC cell; expected an area, an address and a width of 1, 2 or 4 such as D100:2")
    area, address, width = found.groups()
    return pmc.rdpmcrng(pmc.Area[area], int(address), 1, WIDTHS[width or "2"])


def ways(client: FocasClient, target: Target) -> list[Way]:
    """Every method to read for this target. Raises BadCell."""
    path, dialect = int(target.options.get("path", 1)), client.dialect

    def parameter(number: int) -> Call[Any]:
        return parameters.rdparam(number, dialect=dialect).on_path(path)

    found = [
        Way("parameter 6711", "parts since someone set it to zero", parameter(6711)),
        Way("parameter 6712", "all parts, set to zero by hand only", parameter(6712)),
        Way("parameter 6713", "parts required", parameter(6713)),
        Way("macro #3901", "parts, as programs read and set them", macros.rdmacro(3901).on_path(path)),
        Way("macro #3902", "parts required, as programs read it", macros.rdmacro(3902).on_path(path)),
    ]
    cells: Sequence[str] = target.options.get("pmc", ())
    return [
        *found,
        *(Way(f"PMC {cell.upper()}", "a cell that the ladder counts in", cell_call(cell)) for cell in cells),
    ]


async def read_counters(client: FocasClient, target: Target, report: Report) -> None:
    """Fill the report's counters; watch them for `watch_s` seconds when the target asks for it."""
    if not client.alive:
        return
    watch_s = min(float(target.options.get("watch_s", 0)), MOST_WATCH_S)
    asked = ways(client, target)
    try:
        first = await _values(client, asked)
        ends = await _ends(client, target)
        seen = await _watch(client, target, watch_s, ends) if watch_s else None
        last = await _values(client, asked) if watch_s else first
    except FocasError as error:
        report.facts["counters_unread"] = str(error)
        return
    report.counters += [_counted(before, after, watch_s) for before, after in zip(first, last, strict=True)]
    meaning = f"program ends seen by M code {', '.join(f'M{code:02d}' for code in ends)}"
    why = "" if watch_s else "an M code leaves no count behind: watch for a few cycles"
    report.counters.append(Counter("M code", meaning, None, seen, why))


def _counted(before: Counter, after: Counter, watch_s: float) -> Counter:
    if not watch_s or before.value is None or after.value is None:
        return after
    return replace(after, counted=after.value - before.value)


async def _values(client: FocasClient, asked: Sequence[Way]) -> list[Counter]:
    results = await client.ask([way.call for way in asked])
    return [_counter(way, result) for way, result in zip(asked, results, strict=True)]


def _counter(way: Way, result: Any) -> Counter:
    if isinstance(result, FocasError):
        return Counter(way.method, way.meaning, None, None, str(result))
    value = result
    if isinstance(result, parameters.Record):
        value = result.value.number
    elif isinstance(result, list):
        value = float(result[0])
    else:
        value = result.number
    return Counter(way.method, way.meaning, value, None, "" if value is not None else "the variable is vacant")


async def _ends(client: FocasClient, target: Target) -> tuple[int, ...]:
    """M codes that end a part: M02, M30 and the one of parameter 6710."""
    path = int(target.options.get("path", 1))
    call = parameters.rdparam(COUNTING_M_CODE, dialect=client.dialect).on_path(path)
    [record] = await client.ask([call])
    if isinstance(record, FocasError) or not 0 < record.value.data < 1000:
        return ENDS
    return (*ENDS, record.value.data)


async def _watch(client: FocasClient, target: Target, watch_s: float, ends: Sequence[int]) -> int:
    """How often an ending M code appeared. Raises FocasError."""
    call = modal.modal_word(modal.WORD_INDEX["M"]).on_path(int(target.options.get("path", 1)))
    deadline, before, seen = time.monotonic() + watch_s, True, 0
    while (left := deadline - time.monotonic()) > 0:
        [codes] = await client.ask([call])
        now = not isinstance(codes, FocasError) and bool(codes) and codes[0] in ends
        seen += now and not before
        before = now
        await asyncio.sleep(min(LOOK_EVERY_S, left))
    return seen
