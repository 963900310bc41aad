"""Minutes of simulated machines, read through the real FOCAS driver and its table of signals.

The shop is a function of its seed, so equal code gives equal rows. The machines move on a clock of ours: a minute
takes as long as its 60 reads.
"""

import asyncio
import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Final

from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.changes import Changes
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.focas.driver import open_driver
from greengrass_components.focas.simulator.server import FocasSimulator
from simulated_shop.control import LiveControl
from simulated_shop.demo import many, shop_document
from simulated_shop.machine import Machine
from simulated_shop.spec import machine_spec

ROOT: Final = Path(__file__).resolve().parents[1]
#: What the rows follow from; minutes that were read are kept under a hash of it.
MADE_BY: Final = (
    "simulated_shop",
    "greengrass_components/focas",
    "cnc/domain/telemetry/facts.py",
    "cnc/domain/telemetry/schema.py",
    "benchmarks/readings.py",
)
SEED: Final = 20_267
ROWS: Final = 60
SIGNALS: Final = 30
SOURCE: Final = "d_0000000000000001"
BOOT: Final = bytes.fromhex("0000000711223344")
#: A working day of the shop.
DAY: Final = datetime(2026, 11, 24, tzinfo=UTC)
#: Left out of the chunk of 30: what follows from another signal (machine position = work position + offset, relative
#: position the same), and the clocks that count beside the operating timer.
DERIVED: Final = (".machine", ".relative", ".powered", ".x_cutting", ".x_mstb")


@dataclass(frozen=True, slots=True)
class Minute:
    """60 rows of one machine. `whole` has every signal its control shows, `rows` the 30 that the figures speak of.

    `events` are those of its rows; what changed between two minutes that do not touch is none.
    """

    machine: str
    whole: Rows
    whole_schema: Schema
    rows: Rows
    schema: Schema
    events: tuple[Event, ...] = ()


@lru_cache(maxsize=8)
def minutes(machines: int, each: int, *, seed: int = SEED, together: bool = False) -> tuple[Minute, ...]:
    """`each` minutes of each of `machines` machines, at times drawn from one working day.

    `together`: consecutive minutes from 09:00 on, the same for all machines.
    """
    kept = ROOT / ".cache" / "benchmarks" / f"{machines}x{each}-{seed}-{together:d}-{_sources()}.pickle"
    if kept.is_file():
        found: tuple[Minute, ...] = pickle.loads(kept.read_bytes())
        return found
    read = tuple(asyncio.run(_read_all(machines, each, seed, together)))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(read))
    return read


@lru_cache(maxsize=1)
def _sources() -> str:
    seen = hashlib.sha256()
    for place in MADE_BY:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            seen.update(file.read_bytes())
    return seen.hexdigest()[:16]


async def _read_all(machines: int, each: int, seed: int, together: bool) -> list[Minute]:
    found: list[Minute] = []
    random = Random(seed)
    shops = [(shop, machine) for shop in many(machines + 2) for machine in shop.machines][:machines]
    for shop, machine in shops:
        spec = machine_spec(shop_document(machine, shop))
        starts = sorted(random.sample(range(5 * 60, 21 * 60), each)) if not together else range(540, 540 + each)
        found += await _read_machine(machine.name, Machine(spec), [DAY + timedelta(minutes=at) for at in starts])
    return found


async def _read_machine(name: str, machine: Machine, starts: Sequence[datetime]) -> list[Minute]:
    now = starts[0]
    control = LiveControl(machine, lambda: now)
    found: list[Minute] = []
    async with FocasSimulator(control, "127.0.0.1", 0) as simulator:
        driver = open_driver(
            SourceConfig(SOURCE, "m_0000000000000001", "focas", 1000, host="127.0.0.1", port=simulator.port)
        )
        schema = await driver.connect()
        first = 1
        changes, before = Changes(), starts[0]
        for start in starts:
            events: list[Event] = []
            read: list[Sequence[int | None]] = []
            quality: list[int] = []
            for second in range(ROWS):
                now = start + timedelta(seconds=second)
                reading = await driver.read(tick_ms=int(now.timestamp() * 1000))
                read.append(reading.values)
                quality.append(reading.quality)
                changed = list(changes.of(reading))
                if second or start == before:
                    at_ms = int(now.timestamp() * 1000)
                    events += (Event(SOURCE, BOOT.hex(), first + second, at_ms, kind, data) for kind, data in changed)
            t0_ms = int(start.timestamp() * 1000)
            columns = [list(column) for column in zip(*read, strict=True)]
            whole = Rows(schema.hash, BOOT, first, t0_ms, 1000, columns, quality)
            found.append(Minute(name, whole, schema, *_thirty(whole, schema), tuple(events)))
            first += ROWS
            before = start + timedelta(minutes=1)
        await driver.close()
    return found


def _thirty(whole: Rows, schema: Schema) -> tuple[Rows, Schema]:
    """30 signals: those that say something of their own first, in the order of the control."""
    own = [at for at, signal in enumerate(schema.signals) if not signal.key.endswith(DERIVED)]
    rest = [at for at in range(len(schema.signals)) if at not in own]
    chosen = sorted((own + rest)[:SIGNALS])
    small = Schema(tuple(schema.signals[at] for at in chosen))
    rows = Rows(
        small.hash,
        whole.boot,
        whole.first_seq,
        whole.t0_ms,
        whole.period_ms,
        [whole.columns[at] for at in chosen],
        whole.quality,
    )
    return rows, small
