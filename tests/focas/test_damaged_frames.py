"""One flipped bit in every second answer: the driver stays up, re-reads, and stores nothing impossible as GOOD."""

import asyncio

import pytest

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.focas.driver import open_driver
from greengrass_components.focas.driver.driver import FocasDriver
from greengrass_components.focas.simulator import StandaloneControl
from tests.focas.conftest import MakeSimulator
from tests.focas.damage import DamagingRelay
from tests.focas.test_driver import source

ROUNDS = 120


async def _row(driver: FocasDriver) -> Reading | None:
    """What the poll loop does with a tick: read in time, or connect anew."""
    try:
        async with asyncio.timeout(0.1):
            return await driver.read(tick_ms=0)
    except (DriverError, TimeoutError):
        return None


async def _connected(driver: FocasDriver) -> None:
    for _ in range(50):
        try:
            async with asyncio.timeout(0.3):
                await driver.connect()
        except (DriverError, TimeoutError):
            await driver.close()
        else:
            return
    raise AssertionError("no connection in 50 attempts")


def _impossible(driver: FocasDriver, reading: Reading) -> list[str]:
    found = []
    assert driver.rows is not None
    for description, value in zip(driver.rows.described, reading.values, strict=True):
        shown = description.signal.value(value)
        if isinstance(shown, float) and not description.low <= shown <= description.high:
            found.append(description.signal.key)
    return found


@pytest.mark.parametrize("seed", range(5))
async def test_flipped_bits_never_become_impossible_good_values(seed: int, simulate: MakeSimulator) -> None:
    simulator = await simulate(StandaloneControl())
    async with DamagingRelay(simulator.port, seed=seed) as relay:
        driver = open_driver(source(relay.port))
        await driver.connect()
        relay.on = True
        rows: list[Reading] = []
        for _ in range(ROUNDS):
            row = await _row(driver)
            if row is None:
                relay.on = False
                await _connected(driver)
                relay.on = True
            else:
                rows.append(row)
                assert not _impossible(driver, row)
        relay.on = False
        await _connected(driver)
        last = await _row(driver)
        assert last is not None
        assert last.quality == Quality.GOOD
        assert relay.damaged >= ROUNDS // 4
        assert len(rows) < ROUNDS
        await driver.close()
