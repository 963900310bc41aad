"""A machine that stands still until a test moves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.opcua.driver.driver import OpcUaDriver, open_driver


@dataclass
class Mill:
    """Satisfies the simulator's Control."""

    mode: int = 1
    run: int = 3
    emergency: int = 0
    axes: list[Any] = field(default_factory=lambda: [SimpleNamespace(name=n, machine=10.5) for n in "XYZ"])
    spindles: list[Any] = field(
        default_factory=lambda: [SimpleNamespace(speed_rpm=6000.0, load_percent=41.5, temperature_c=33.3)]
    )
    alarms: list[Any] = field(default_factory=list)
    main_program_number: int = 1001
    sequence_number: int = 120
    commands: Mapping[str, float] = field(default_factory=dict)
    feed_mm_min: float = 1200.0
    feed_override_percent: float = 90.0
    rapid_override_percent: float = 100.0
    spindle_override_percent: float = 110.0
    part_count: int = 7
    part_total: int = 4711
    power_on_ms: int = 3_600_000
    operating_ms: int = 1_800_000

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)


SERVO = SimpleNamespace(number=410, type=6, axis=1, text="SERVO ALARM: X AXIS EXCESS ERROR")
GUARD = SimpleNamespace(number=1005, type=15, axis=0, text="GUARD DOOR OPEN")


def driver(port: int, *, period_ms: int = 500, **settings: Any) -> OpcUaDriver:
    config = SourceConfig("d_0", "m_0", "opcua", period_ms, True, "127.0.0.1", port, settings)
    made = open_driver(config)
    assert isinstance(made, OpcUaDriver)
    return made


def shown(reader: OpcUaDriver, values: Any) -> dict[str, Any]:
    """The row by key, in the units of its signals."""
    assert reader.schema is not None
    return {signal.key: signal.value(value) for signal, value in zip(reader.schema.signals, values, strict=True)}
