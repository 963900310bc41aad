"""Bootstrap of a component (a local TOML or arguments) and the gateway's configuration document.

The document comes retained on the `config` topic, is kept beside the journal, and is the only thing the portal's
wizard writes. Whether writing to a machine is allowed is a local file and never in it.
"""

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.telemetry.wire import Fields, fields, loads

MAX_SOURCES: Final = 1000
MAX_CONFIG_BYTES: Final = 128 * 1024
DEFAULT_DISK_LIMIT_MB: Final = 2048
DEFAULT_KEEP_DAYS: Final = 7


class BadConfig(Exception):
    """A configuration that cannot be used: what was seen and what was expected."""


@dataclass(frozen=True, slots=True)
class ShopClock:
    """Time-lapse: the shop clock starts at `since_ms` when wall time is `started_ms` and runs `speed` times faster."""

    since_ms: int
    started_ms: int
    speed: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What a component must know before it can ask anyone. `link` is "mqtt" or "ipc"."""

    thing: str
    tenant: str
    site: str
    data: Path
    link: str = "mqtt"
    endpoint: str = ""
    port: int = 8883
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    disk_limit_mb: int = DEFAULT_DISK_LIMIT_MB
    keep_days: float = DEFAULT_KEEP_DAYS
    shop_clock: ShopClock | None = None
    template: str = ""
    """Provisioning template by which the gateway renews its certificate; without one it keeps the one it has."""
    write_key: str = ""
    """Public half of the key of write orders, 64 hex digits; without one nothing is ever written to a machine."""

    @property
    def config_path(self) -> Path:
        return self.data / "config.json"

    def journal(self, component: str) -> Path:
        return self.data / "journal" / component

    def up(self, channel: str) -> str:
        """The Basic Ingest topic of an up channel."""
        return f"$aws/rules/{channel}/cnc/{self.tenant}/{self.site}/{self.thing}/{channel}"

    def down(self, channel: str) -> str:
        """The topic of a down channel."""
        return f"cnc/{self.tenant}/{self.site}/{self.thing}/{channel}"


def bootstrap_arguments(parser: argparse.ArgumentParser) -> None:
    """A TOML of the plain process, or what Greengrass knows, one argument each; arguments win over the file."""
    parser.add_argument("--bootstrap", type=Path, help="TOML: endpoint, thing, certificates, data folder")
    for name in ("link", "thing", "tenant", "site"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--data", type=Path, help="folder of journals and configuration")
    parser.add_argument("--disk-limit-mb", type=int, help="what a journal may use")
    parser.add_argument("--keep-days", type=float, help="how long rows stay after their receipt")


def bootstrap_of(options: argparse.Namespace) -> Bootstrap:
    """The bootstrap of parsed arguments. Raises BadConfig."""
    names = ("link", "thing", "tenant", "site", "data", "disk_limit_mb", "keep_days")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.bootstrap is None:
        return bootstrap_from(given, base=Path.cwd(), name="arguments")
    return read_bootstrap(options.bootstrap, given)


def read_bootstrap(path: Path, given: Mapping[str, Any] | None = None) -> Bootstrap:
    """The bootstrap in a TOML file; relative paths in it are relative to the file. Raises BadConfig."""
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from error
    return bootstrap_from({**values, **(given or {})}, base=path.resolve().parent, name=str(path))


def bootstrap_from(values: Mapping[str, Any], *, base: Path, name: str) -> Bootstrap:
    """Raises BadConfig."""
    unknown = values.keys() - Bootstrap.__dataclass_fields__.keys()
    if unknown:
        raise BadConfig(f"{name}: unknown {', '.join(sorted(unknown))}")
    try:
        paths = {key: base / str(values[key]) for key in ("data", "ca", "cert", "key") if values.get(key)}
        clock = values.get("shop_clock")
        made = Bootstrap(**{**values, **paths, "shop_clock": ShopClock(**clock) if clock else None})
        for kind, text in (("g", made.thing), ("t", made.tenant), ("s", made.site)):
            check_id(kind, text)
    except (TypeError, BadId) as error:
        raise BadConfig(f"{name}: {error}") from error
    if made.link not in ("mqtt", "ipc"):
        raise BadConfig(f'{name}: link "{made.link}", expected "mqtt" or "ipc"')
    if made.link == "mqtt" and not (made.endpoint and made.ca and made.cert and made.key):
        raise BadConfig(f"{name}: a plain process needs endpoint, ca, cert and key")
    return made


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source: one connection of one component to one device. `settings` holds what only the component reads."""

    id: str
    machine: str
    component: str
    period_ms: int
    simulated: bool = False
    host: str = ""
    port: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """The whole configuration document."""

    version: int
    tenant: str
    site: str
    thing: str
    receipt_every_s: int = 300
    sources: tuple[SourceConfig, ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings of what the gateway offers to others, by component (`mtconnect_agent`, `sparkplug`)."""

    def of(self, component: str) -> dict[str, SourceConfig]:
        """The sources of one component, by id."""
        return {source.id: source for source in self.sources if source.component == component}


def parse_config(data: bytes) -> GatewayConfig:
    """Raises BadConfig."""
    try:
        document = fields(loads(data, limit=MAX_CONFIG_BYTES))
        sources = tuple(_source(row) for row in document.items("sources", limit=MAX_SOURCES))
        every_s = document.integer("receipt_every_s", 1, 3600) if "receipt_every_s" in document.of else 300
        config = GatewayConfig(
            version=document.integer("version"),
            tenant=check_id("t", document.of.get("tenant")),
            site=check_id("s", document.of.get("site")),
            thing=check_id("g", document.of.get("thing")),
            receipt_every_s=every_s,
            sources=sources,
            outputs=_outputs(document),
        )
    except (MalformedMessage, BadId) as error:
        raise BadConfig(f"configuration document: {error}") from error
    if len({source.id for source in sources}) != len(sources):
        raise BadConfig("configuration document: a source twice, expected every id once")
    return config


def stored_config(path: Path) -> GatewayConfig | None:
    """The configuration document on disk, None while there is none that can be used."""
    try:
        return parse_config(path.read_bytes())
    except (OSError, BadConfig):
        return None


def _outputs(document: Fields) -> dict[str, dict[str, Any]]:
    rows = fields(document.of.get("outputs", {}))
    return {name[:40]: fields(row).of for name, row in rows.of.items()}


def _period_ms(row: Fields) -> int:
    """`period_ms`, or that of `rate_hz` rows a second."""
    if "period_ms" in row.of or "rate_hz" not in row.of:
        return row.integer("period_ms", 1, 0xFFFF)
    return 1000 // row.integer("rate_hz", 1, 1000)


def _source(value: Any) -> SourceConfig:
    row = fields(value)
    known = ("id", "machine", "component", "period_ms", "rate_hz", "simulated", "host", "port")
    simulated = row.of.get("simulated", False)
    if not isinstance(simulated, bool):
        raise MalformedMessage(seen=f"simulated: {simulated!r}", expected="true or false")
    return SourceConfig(
        id=row.source("id"),
        machine=check_id("m", row.of.get("machine")),
        component=row.text("component", limit=40),
        period_ms=_period_ms(row),
        simulated=simulated,
        host=row.text("host", limit=255) if "host" in row.of else "",
        port=row.integer("port", 0, 0xFFFF) if "port" in row.of else 0,
        settings={key: item for key, item in row.of.items() if key not in known},
    )
