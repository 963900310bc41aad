"""The dispatcher alone: workers are played by the test, time is the loop's."""

import asyncio
from typing import Any

import pytest

from local_cloud.cloud import Cloud, Credentials, Pki, Ports, Resource
from local_cloud.door.meter import Meter
from local_cloud.door.sessions import Sessions
from local_cloud.lambda_runtime import dispatcher as module
from local_cloud.lambda_runtime.dispatcher import Dispatcher, Outcome


class FakeWorkers:
    """Remembers orders; a test answers them through the dispatcher's own Runtime API methods."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str]] = []
        self.killed: list[str] = []

    async def start(self, name: str, *, environment: dict[str, str], paths: list[str], log: str) -> None:
        self.started.append((name, environment["AWS_LAMBDA_RUNTIME_API"].rpartition("/")[2]))

    def kill(self, name: str) -> None:
        self.killed.append(name)


def made(tmp_path: Any, **properties: Any) -> tuple[Dispatcher, FakeWorkers]:
    said = {"Handler": "a.b", "Role": "arn:aws:iam::1:role/r", "Timeout": 1} | properties
    function = Resource("s", "F", "AWS::Lambda::Function", "f", "arn:aws:lambda:r:1:function:f", said)
    cloud = Cloud(
        repository_root="",
        data_dir=str(tmp_path),
        origin="",
        ports=Ports(*range(1, 8)),
        service_credentials=Credentials("a", "b"),
        admin_credentials=Credentials("c", "d"),
        session_key="00",
        pki=Pki("", "", "", ""),
        resources=(function,),
    )
    dispatcher, workers = Dispatcher(cloud, Sessions(cloud), Meter()), FakeWorkers()
    dispatcher.workers = workers  # type: ignore[assignment]
    return dispatcher, workers


async def started(workers: FakeWorkers, count: int) -> str:
    while len(workers.started) < count:
        await asyncio.sleep(0)
    return workers.started[count - 1][1]


async def test_the_limit_of_the_start_does_not_end_a_later_invocation(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INIT_S", 0.05)
    dispatcher, workers = made(tmp_path)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    token = await started(workers, 1)
    _, invocation = await dispatcher.next(token)
    await asyncio.sleep(0.1)
    assert not call.done()
    dispatcher.finish(token, invocation.request_id, Outcome(b"2"))
    assert await call == Outcome(b"2")
    assert workers.killed == []


async def test_a_worker_that_never_asks_for_work_is_replaced(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INIT_S", 0.05)
    dispatcher, workers = made(tmp_path)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    await started(workers, 1)
    async with asyncio.timeout(5):
        token = await started(workers, 2)
    _, invocation = await dispatcher.next(token)
    dispatcher.finish(token, invocation.request_id, Outcome(b"2"))
    assert await call == Outcome(b"2")
    assert workers.killed == [workers.started[0][0]]


async def test_what_waits_while_sources_change_runs_on_a_new_worker(tmp_path: Any) -> None:
    dispatcher, workers = made(tmp_path)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    old = await started(workers, 1)
    dispatcher.reload()
    token = await started(workers, 2)
    with pytest.raises(KeyError):
        await dispatcher.next(old)
    _, invocation = await dispatcher.next(token)
    dispatcher.finish(token, invocation.request_id, Outcome(b"2"))
    assert await call == Outcome(b"2")


async def test_an_answer_to_another_request_is_ignored(tmp_path: Any) -> None:
    dispatcher, workers = made(tmp_path)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    token = await started(workers, 1)
    await dispatcher.next(token)
    dispatcher.finish(token, "r0", Outcome(b"wrong"))
    assert not call.done()
    dispatcher.finish(token, "r1", Outcome(b"right"))
    assert await call == Outcome(b"right")


async def test_an_import_error_fails_what_waits(tmp_path: Any) -> None:
    dispatcher, workers = made(tmp_path)
    calls = [asyncio.create_task(dispatcher.invoke("f", b"1", request_id=f"r{n}")) for n in range(3)]
    dispatcher.init_error(await started(workers, 1), b"no module")
    assert [(await call).payload for call in calls] == [b"no module"] * 3


async def test_a_worker_that_ends_before_it_asks_fails_one_invocation_each(tmp_path: Any) -> None:
    dispatcher, workers = made(tmp_path)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    await started(workers, 1)
    dispatcher._ended(workers.started[0][0])
    assert (await call).error == "Unhandled"
    assert len(workers.started) == 1


@pytest.mark.parametrize(
    ("handler", "name"),
    [("functions.edge_health.handler.lambda_handler", "edge_health:1"), ("app.handler", "f:1"), ("handler", "f:1")],
)
async def test_a_worker_is_named_by_the_folder_of_its_function(tmp_path: Any, handler: str, name: str) -> None:
    dispatcher, workers = made(tmp_path, Handler=handler)
    call = asyncio.create_task(dispatcher.invoke("f", b"1", request_id="r1"))
    await started(workers, 1)
    assert workers.started[0][0] == name
    call.cancel()
