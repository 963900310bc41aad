"""Ways to count parts, side by side with live values, so that one can be chosen before anything is saved.

The M code that ends a program can always be watched; it leaves no count behind, so it only tells which way is true.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from greengrass_components.edge_kit.diagnosis.probe import Target
from greengrass_components.edge_kit.diagnosis.report import Counter, Report
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.counting import USUAL, counter
from greengrass_components.focas.errors import FocasError
from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions import modal, parameters

COUNTING_M_CODE: Final = 6710  # which M code counts besides M02 and M30
ENDS: Final = (2, 30)
LOOK_EVERY_S: Final = 0.2
MOST_WATCH_S: Final = 600.0
KNOWN: Final = (
    (USUAL, "parts since someone set it to zero"),
    ("parameter 6712", "all parts, set to zero by hand only"),
    ("parameter 6713", "parts required"),
    ("macro #3901", "parts, as programs read and set them"),
    ("macro #3902", "parts required, as programs read it"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """One method and how its value is asked."""

    method: str
    meaning: str
    call: Call[Any]


def ways(client: FocasClient, target: Target) -> list[Way]:
    """Every method to read for this target. Raises BadMethod."""
    path, dialect = int(target.options.get("path", 1)), client.dialect
    cells: Sequence[str] = target.options.get("pmc", ())
    named = [*KNOWN, *((f"PMC {cell.upper()}", "a cell that the ladder counts in") for cell in cells)]
    return [Way(method, meaning, counter(method, dialect=dialect, path=path)) for method, meaning in named]


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
    return Counter(way.method, way.meaning, result, None, "" if result is not None else "the variable is vacant")


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
