"""Time limits behave as asyncio's own, whatever else ends meanwhile."""

import asyncio

import pytest

from greengrass_components.edge_kit.deadline import Limit, Limits, within


async def test_what_is_done_in_time_is_left_alone() -> None:
    with within(5.0):
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_takes_too_long_is_cut_off_and_others_of_the_same_length_go_on() -> None:
    ended = []

    async def wait(name: str, seconds: float) -> None:
        try:
            with within(0.05):
                await asyncio.sleep(seconds)
            ended.append(f"{name} done")
        except TimeoutError:
            ended.append(f"{name} cut off")

    await asyncio.gather(wait("quick", 0), wait("slow", 10), wait("quick too", 0), wait("slow too", 10))
    assert sorted(ended) == ["quick done", "quick too done", "slow cut off", "slow too cut off"]
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_a_cancel_from_outside_is_no_time_out() -> None:
    async def wait() -> None:
        with within(10.0):
            await asyncio.sleep(10)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_inside_stays_that_error() -> None:
    with pytest.raises(ValueError, match="broken"), within(1.0):
        raise ValueError("broken")


async def test_the_inner_of_two_limits_ends_alone() -> None:
    with within(10.0):
        with pytest.raises(TimeoutError), within(0.02):
            await asyncio.sleep(10)
        await asyncio.sleep(0)


async def test_a_limit_that_was_kept_never_expires() -> None:
    class Told(Limit):
        expired = False

        def expire(self) -> None:
            self.expired = True

    limits, kept, missed = Limits(0.03), Told(), Told()
    limits.begin(kept)
    limits.begin(missed)
    kept.kept = True
    deadline = asyncio.get_running_loop().time() + 5
    while not missed.expired and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.01)
    assert (kept.expired, missed.expired) == (False, True)
