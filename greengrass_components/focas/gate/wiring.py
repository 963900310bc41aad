"""The gate of a running gateway."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cnc.domain.gcode.check import Policy, check
from cnc.domain.gcode.dialect import LATHE, MILL, MILL_5_AXIS, Dialect
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.source import Source
from cnc.domain.programs.order import Verify
from cnc.domain.programs.single import faults
from cnc.domain.programs.targets import ProgramTarget
from greengrass_components.edge_kit.config import Bootstrap, GatewayConfig, SourceConfig, stored_config
from greengrass_components.focas.client.client import FocasClient
from greengrass_components.focas.gate.errands import Errands
from greengrass_components.focas.gate.focas_control import TIMEOUT_S, FocasControl, open_focas_control
from greengrass_components.focas.gate.gate import Gate
from greengrass_components.focas.gate.ledger import OrderLedger
from greengrass_components.focas.gate.pending import PendingFile
from greengrass_components.focas.gate.snapshot import Content, Reader
from greengrass_components.focas.gate.store import Store
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.gate.telling import tell

_DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({"lathe": LATHE, "five_axis": MILL_5_AXIS})


async def gate_of(bootstrap: Bootstrap, stop: asyncio.Event) -> None:
    """Run the gate beside the poll loops, until `stop` is set. Raises OSError or ValueError for an unusable folder."""
    folder = bootstrap.data / "writing"
    config, store = _Config(bootstrap), Store(bootstrap.endpoint)
    gate = Gate(
        bootstrap=bootstrap,
        switch=Switch(folder),
        ledger=OrderLedger.open(folder / "orders.jsonl"),
        files=PendingFile(folder),
        open_control=open_focas_control,
        verify=verifier(bootstrap.write_key),
        fetch=store.fetch,
        check=static_check,
        source_of=config.source,
        tell=partial(tell, data=bootstrap.data),
    )
    errands = Errands(bootstrap=bootstrap, gate=gate, config=config.now, read=read_control, put=store.put)
    await errands.run(stop)


def verifier(write_key: str) -> Verify:
    """Ed25519 by the public half, 64 hex digits; without one nothing is ever verified. Raises ValueError."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(write_key)) if write_key else None

    def verify(text: bytes, signature: bytes) -> bool:
        if key is None:
            return False
        try:
            key.verify(signature, text)
        except InvalidSignature:
            return False
        return True

    return verify


async def read_control(source: SourceConfig) -> tuple[str, list[Content]]:
    """Serial and contents of a control. Raises ControlError, FocasError."""
    path = int(source.settings.get("path", 1))
    async with await FocasClient.connect(source.host, source.port, timeout_s=TIMEOUT_S) as client:
        control = FocasControl(client, path=path)
        serial = await control.serial()
        return serial, [content async for content in Reader(client, control, path).contents()]


@dataclass(slots=True)
class _Config:
    """The configuration document as it lies beside the journal, read when it is asked for."""

    bootstrap: Bootstrap

    def now(self) -> GatewayConfig | None:
        return stored_config(self.bootstrap.config_path)

    def source(self, source: str) -> SourceConfig | None:
        config = self.now()
        return config.of("focas").get(source) if config else None


def static_check(text: bytes, target: ProgramTarget, source: SourceConfig) -> Sequence[str]:
    """Errors that the one G-code reader finds, as the cloud makes them; `settings.reads_as` says of which kind."""
    dialect = _DIALECTS.get(str(source.settings.get("reads_as")), MILL)
    several = faults(text, number=target.number) if target.number is not None else []
    report = check(Source.of_bytes(text), policy=Policy(program=target.name), dialect=dialect)
    errors = [f"line {found.line}: {found.code}" for found in report.findings if found.severity == Severity.ERROR]
    return [*(f"line {line}: {seen!r}, expected {expected}" for line, seen, expected in several), *errors]
