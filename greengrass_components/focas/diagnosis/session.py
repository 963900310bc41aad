"""What the session tells: type plate, path, and whether a second connection is to be had."""

import time
from typing import Any

from greengrass_components.edge_kit.diagnosis.network import since_ms
from greengrass_components.edge_kit.diagnosis.probe import Target
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, Verdict, refusal, success
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.diagnosis.advice import ALL_IN_USE, LOST, NO_PATH, NO_TRANSFER, code_todo
from greengrass_components.focas.errors import FocasError, Refused, SessionRefused
from greengrass_components.focas.protocol.functions import identity


async def check_session(client: FocasClient, target: Target, report: Report) -> bool:
    """False when nothing above can be asked."""
    path = int(target.options.get("path", 1))
    started = time.monotonic()
    if not 1 <= path <= max(client.opening.paths, 1):
        seen = f"path {path} was asked for, the control has {client.opening.paths}"
        report.findings.append(refusal(Layer.SESSION, "path", seen, NO_PATH, since_ms(started)))
        return False
    try:
        system = await client.call(identity.sysinfo(), path=path)
    except Refused as error:
        report.findings.append(_plate(error, code_todo(error.code), started))
        return True
    except FocasError as error:
        report.findings.append(_plate(error, LOST, started))
        return client.alive
    report.facts |= {
        "model": system.model, "machine_type": system.mt_type, "series": system.series, "software": system.version,
        "axes": system.axes, "spindles": client.opening.spindles, "paths": client.opening.paths,
    }  # fmt: skip
    seen = f"{system.model}, series {system.series}, software {system.version}, {system.axes} axes"
    report.findings.append(success(Layer.SESSION, "type plate", seen, since_ms(started)))
    await _ethernet(client, report)
    report.findings.append(await _transfer(client))
    return client.alive


def _plate(error: FocasError, todo: str, started: float) -> Finding:
    return refusal(Layer.SESSION, "type plate", str(error), todo, since_ms(started))


async def _ethernet(client: FocasClient, report: Report) -> None:
    [ethernet] = await client.ask([identity.rdetherinfo()])
    if not isinstance(ethernet, FocasError):
        facts: dict[str, Any] = {"type": ethernet[0], "device": ethernet[1]}
        report.facts["ethernet"] = facts


async def _transfer(client: FocasClient) -> Finding:
    """The connection that programs go over; opened and closed again."""
    started = time.monotonic()
    try:
        transfer = await client.transfer()
    except SessionRefused as error:
        todo = f"{NO_TRANSFER}; {ALL_IN_USE}"
        return Finding(Layer.SESSION, "transfer connection", Verdict.ABSENT, str(error), since_ms(started), todo)
    except FocasError as error:
        seen, ms = str(error), since_ms(started)
        return Finding(Layer.SESSION, "transfer connection", Verdict.ABSENT, seen, ms, NO_TRANSFER)
    await transfer.close()
    seen = "a second connection for programs was opened and closed again"
    return success(Layer.SESSION, "transfer connection", seen, since_ms(started))
