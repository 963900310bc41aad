"""Every function that the driver would ask, one by one."""

import statistics
import time
from collections.abc import Sequence
from typing import Any, Final

from greengrass_components.edge_kit.diagnosis.network import since_ms
from greengrass_components.edge_kit.diagnosis.probe import Target
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, Verdict, refusal, success
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.diagnosis.advice import LOST, SLOW, code_todo, need, title
from greengrass_components.focas.diagnosis.preview import preview
from greengrass_components.focas.driver.asks import Ask, asks
from greengrass_components.focas.driver.capabilities import WHY
from greengrass_components.focas.driver.machine import Machine, read_machine
from greengrass_components.focas.errors import FocasError, MalformedReply, NoAnswer, Refused

MOST_RECONNECTS: Final = 3
CANNOT_BE_WITHOUT: Final = "status"
ROUND_TRIPS_PER_TICK: Final = 3
USUAL_PERIOD_MS: Final = 1000
SHARE: Final = 0.7  # of a period, what asking may take


async def check_functions(client: FocasClient, target: Target, report: Report) -> FocasClient:
    """The client that is left: another one when the control dropped the first."""
    try:
        machine = await read_machine(client, path=int(target.options.get("path", 1)))
    except FocasError as error:
        report.findings.append(refusal(Layer.FUNCTION, "axes and spindles", str(error), LOST, 0.0))
        return client
    report.facts["axis_names"] = [axis.name for axis in machine.axes]
    took, reconnects = [], 0
    for ask in asks(machine):
        if not client.alive:
            reconnects += 1
            if reconnects > MOST_RECONNECTS:
                break
            client = await _again(client, target, report)
            if not client.alive:
                break
        found = await _check(client, ask, machine)
        report.findings.append(found)
        took.append(found.ms)
    report.facts |= _pace(took)
    return client


async def _again(client: FocasClient, target: Target, report: Report) -> FocasClient:
    await client.close()
    try:
        return await FocasClient.connect(target.host, target.port, timeout_s=target.timeout_s)
    except FocasError as error:
        seen = f"after the connection was lost no new one was had: {error}"
        report.findings.append(refusal(Layer.FUNCTION, "reconnect", seen, LOST, 0.0))
        return client


async def _check(client: FocasClient, ask: Ask, machine: Machine) -> Finding:
    started = time.monotonic()
    try:
        result = await client.call(ask.call)
    except Refused as error:
        return _refused(ask.name, error, since_ms(started))
    except FocasError as error:
        todo = SLOW if isinstance(error, NoAnswer) else LOST
        if isinstance(error, MalformedReply):
            todo = "the answer is laid out in a way not yet known: send us this report"
        return refusal(Layer.FUNCTION, title(ask.name), str(error), todo, since_ms(started))
    return success(Layer.FUNCTION, title(ask.name), preview(ask.name, result, machine), since_ms(started))


def _refused(name: str, error: Refused, ms: float) -> Finding:
    if name == CANNOT_BE_WITHOUT or error.code not in WHY:
        todo = need(name) if error.code in WHY else code_todo(error.code)
        return refusal(Layer.FUNCTION, title(name), str(error), todo, ms)
    return Finding(Layer.FUNCTION, title(name), Verdict.ABSENT, WHY[error.code], ms, f"needs: {need(name)}")


def _pace(took: Sequence[float]) -> dict[str, Any]:
    """How quick the control is, and the shortest period that leaves it air."""
    if not took:
        return {}
    middle = statistics.median(took)
    needed = ROUND_TRIPS_PER_TICK * middle / SHARE
    period_ms = USUAL_PERIOD_MS * max(1, -(-round(needed) // USUAL_PERIOD_MS))
    return {"call_ms": {"median": round(middle, 1), "max": round(max(took), 1)}, "recommended_period_ms": period_ms}
