"""Asynchronous invocations with a dispatcher that the test scripts."""

import asyncio
import os
from pathlib import Path
from typing import Any

from local_cloud.cloud import Chaos
from local_cloud.lambda_runtime import asynchronous, reload
from local_cloud.lambda_runtime.asynchronous import AsyncInvoker
from local_cloud.lambda_runtime.dispatcher import Outcome, Throttled
from local_cloud.lambda_runtime.functions import FunctionSpec

GOOD, BAD = Outcome(b"1"), Outcome(b'{"errorType": "X"}', "Unhandled")


class FakeDispatcher:
    """Answers in the order given, then well; remembers payloads."""

    def __init__(self, *answers: Outcome | Exception, **spec: Any) -> None:
        self.answers = list(answers)
        self.seen: list[bytes] = []
        fixed = {"handler": "", "role": "", "timeout_s": 1.0, "memory_mb": 128, "environment": {}, "asset_path": ""}
        self._spec = FunctionSpec(name="f", arn="arn", reserved=None, **(fixed | spec))

    def spec(self, _name: str) -> FunctionSpec:
        return self._spec

    async def invoke(self, _name: str, payload: bytes, *, request_id: str) -> Outcome:
        self.seen.append(payload)
        answer = self.answers.pop(0) if self.answers else GOOD
        if isinstance(answer, Exception):
            raise answer
        return answer


class Given:
    """An invoker over a fake dispatcher, and what was given up."""

    def __init__(self, *answers: Outcome | Exception, chaos: Chaos | None = None, **spec: Any) -> None:
        self.dispatcher = FakeDispatcher(*answers, **spec)
        self.given_up: list[Outcome] = []

        async def remember(_spec: FunctionSpec, _payload: bytes, outcome: Outcome) -> None:
            self.given_up.append(outcome)

        quiet = chaos or Chaos(duplicate=0, reorder=0)
        self.invoker = AsyncInvoker(self.dispatcher, chaos=quiet, on_failure=remember, retry_after_s=(0.0,))  # type: ignore[arg-type]

    async def settle(self) -> None:
        async with asyncio.timeout(10):
            while self.invoker._tasks:
                await asyncio.gather(*self.invoker._tasks)
                await asyncio.sleep(0)


async def test_a_failed_event_is_tried_again_as_often_as_the_template_says() -> None:
    given = Given(BAD, BAD, GOOD, max_retries=2)
    given.invoker.accept("f", b"e")
    await given.settle()
    assert given.dispatcher.seen == [b"e"] * 3
    assert given.given_up == []


async def test_after_the_last_retry_it_is_given_up_with_the_last_answer() -> None:
    given = Given(BAD, BAD, max_retries=1)
    given.invoker.accept("f", b"e")
    await given.settle()
    assert given.given_up == [BAD]


async def test_a_throttled_event_waits_and_is_not_counted_as_a_failure(monkeypatch: Any) -> None:
    monkeypatch.setattr(asynchronous, "THROTTLE_BACKOFF_S", (0.0, 0.0))
    given = Given(Throttled("f"), Throttled("f"), GOOD, max_retries=0)
    given.invoker.accept("f", b"e")
    await given.settle()
    assert len(given.dispatcher.seen) == 3
    assert given.given_up == []


async def test_an_event_older_than_its_age_is_given_up_without_running() -> None:
    given = Given(max_event_age_s=-1.0)
    given.invoker.accept("f", b"e")
    await given.settle()
    assert given.dispatcher.seen == []
    assert [one.error for one in given.given_up] == ["Expired"]


async def test_repeats_come_from_the_seed() -> None:
    runs = []
    for _ in range(2):
        given = Given(chaos=Chaos(seed=7, duplicate=0.3, reorder=0.0))
        for number in range(50):
            given.invoker.accept("f", str(number).encode())
        await given.settle()
        runs.append(sorted(given.dispatcher.seen))
    assert runs[0] == runs[1]
    assert 50 < len(runs[0]) < 80
    assert len(set(runs[0])) == 50


async def test_some_events_overtake_others(monkeypatch: Any) -> None:
    monkeypatch.setattr(asynchronous, "REORDER_S", 0.02)
    given = Given(chaos=Chaos(seed=7, duplicate=0.0, reorder=0.3))
    sent = [str(number).encode() for number in range(50)]
    for payload in sent:
        given.invoker.accept("f", payload)
    await given.settle()
    assert given.dispatcher.seen != sent
    assert sorted(given.dispatcher.seen) == sorted(sent)


def test_the_fingerprint_of_the_sources_changes_with_them(tmp_path: Path) -> None:
    source = tmp_path / "functions" / "a" / "handler.py"
    source.parent.mkdir(parents=True)
    source.write_text("1")
    seen = [reload.fingerprint(tmp_path)]
    os.utime(source, (1, 1))
    seen.append(reload.fingerprint(tmp_path))
    (source.parent / "other.py").write_text("2")
    seen.append(reload.fingerprint(tmp_path))
    (source.parent / "notes.txt").write_text("not a source")
    assert len(set(seen)) == 3
    assert reload.fingerprint(tmp_path) == seen[-1]
