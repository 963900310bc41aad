"""The gate of a running gateway."""

import asyncio
import logging
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cnc.domain.gcode.check import Policy, check
from cnc.domain.gcode.dialect import LATHE, MILL
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.source import Source
from cnc.domain.programs.canonical import MOST_BYTES
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
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.gate.telling import tell

log = logging.getLogger(__name__)
HTTP_TIMEOUT_S: Final = 20.0


async def gate_of(bootstrap: Bootstrap, stop: asyncio.Event) -> None:
    """Run the gate beside the poll loops, until `stop` is set. Raises OSError or ValueError for an unusable folder."""
    folder = bootstrap.data / "writing"
    config = _Config(bootstrap)
    gate = Gate(
        bootstrap=bootstrap,
        switch=Switch(folder),
        ledger=OrderLedger.open(folder / "orders.jsonl"),
        files=PendingFile(folder),
        open_control=open_focas_control,
        verify=verifier(bootstrap.write_key),
        fetch=fetch,
        check=static_check,
        source_of=config.source,
        tell=partial(tell, data=bootstrap.data),
    )
    errands = Errands(bootstrap=bootstrap, gate=gate, config=config.now, read=read_control, put=put)
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


async def fetch(url: str) -> bytes:
    """The content of an order. Raises OSError."""
    return await asyncio.to_thread(_get, url)


async def put(url: str, body: bytes) -> None:
    """Put a content where the store asked for it. Raises OSError."""
    await asyncio.to_thread(_put, url, body)


@dataclass(slots=True)
class _Config:
    """The configuration document as it lies beside the journal, read when it is asked for."""

    bootstrap: Bootstrap

    def now(self) -> GatewayConfig | None:
        return stored_config(self.bootstrap.config_path)

    def source(self, source: str) -> SourceConfig | None:
        config = self.now()
        return config.of("focas").get(source) if config else None


def _get(url: str) -> bytes:
    with _open(urllib.request.Request(url)) as answer:  # noqa: S310 - checked by _open
        body: bytes = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise OSError(f"content of more than {MOST_BYTES} bytes")
    return body


def _put(url: str, body: bytes) -> None:
    checksum = b64encode(sha256(body).digest()).decode()
    # Without a media type of its own, urllib calls the body a form.
    headers = {"x-amz-checksum-sha256": checksum, "content-type": "application/octet-stream"}
    with _open(urllib.request.Request(url, data=body, method="PUT", headers=headers)):  # noqa: S310 - checked by _open
        pass


def _open(request: urllib.request.Request) -> Any:
    if request.type not in ("http", "https"):
        raise OSError(f"an address of {request.type}, expected https")
    return urllib.request.urlopen(request, timeout=HTTP_TIMEOUT_S)  # noqa: S310 - the scheme was checked


def static_check(text: bytes, target: ProgramTarget, source: SourceConfig) -> Sequence[str]:
    """Errors that the one G-code reader finds, as the cloud makes them; `settings.reads_as` is mill or lathe."""
    dialect = LATHE if source.settings.get("reads_as") == "lathe" else MILL
    several = faults(text, number=target.number) if target.number is not None else []
    report = check(Source.of_bytes(text), policy=Policy(program=target.name), dialect=dialect)
    errors = [f"line {found.line}: {found.code}" for found in report.findings if found.severity == Severity.ERROR]
    return [*(f"line {line}: {seen!r}, expected {expected}" for line, seen, expected in several), *errors]
