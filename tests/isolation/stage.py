"""The product's own template in one process: its policies in the real door, real tables, objects and broker.

Handlers run here too, each signing with the sessions of its own two roles, so that what a role may do and what code
asks for meet as they do in AWS; and so that a test can open either wall and look what the other one does.
"""

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import boto3
from aiohttp import web
from botocore.config import Config

from local_cloud import settings
from local_cloud.broker.server import Broker
from local_cloud.cloud import Chaos, Cloud, Credentials
from local_cloud.door.app import Door
from local_cloud.door.calls import Call
from local_cloud.door.dynamodb import DynamoDb
from local_cloud.door.errors import AwsError
from local_cloud.door.forward import Forward
from local_cloud.door.judge import Judge
from local_cloud.door.lambda_api import LambdaApi
from local_cloud.door.meter import Meter
from local_cloud.door.policy import Ask
from local_cloud.door.sessions import Principal, Sessions
from local_cloud.door.sts import Sts
from local_cloud.engines import dynamodb, tables
from local_cloud.engines.moto_engine import MotoEngine
from local_cloud.processes import accepts
from local_cloud.service_client import Reply
from tests.isolation.tap import Done, Tap
from tests.local_cloud.core.running import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60
Answered = TypeVar("Answered")
#: Services that carry what belongs to tenants; the sessions themselves stay judged.
DATA_PLANE = frozenset({"dynamodb", "s3", "iotdata", "iotdevicegateway", "sqs", "sns"})


class Invocations(LambdaApi):
    """Takes what functions hand to each other; the invocation itself is another test's matter."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, bytes]] = []

    async def invoke(self, call: Call) -> Reply:
        self.accepted.append((call.path, call.body))
        return Reply(202, {"x-amzn-RequestId": "r"}, b"")


class Connections(Forward):
    """The broker is real; posts to sockets are kept."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.posted: list[tuple[str, bytes]] = []

    async def connection(self, call: Call, principal: Principal) -> Reply:
        self.posted.append((call.path.rpartition("/")[2], call.body))
        return Reply(200, {}, b"")


class TappedDoor(Door):
    """Keeps what was asked of the engines, by whom, and whether it was let through."""

    tap: Tap
    asked: Judge

    async def _dispatch(self, call: Call, principal: Principal) -> Reply:
        asks: tuple[Ask, ...] = () if call.service == "sts" else tuple(self.asked.asks(call))
        try:
            reply = await super()._dispatch(call, principal)
        except AwsError as error:
            self.tap.add(Done.of(principal, asks, refused=error.status == 403))
            raise
        self.tap.add(Done.of(principal, asks, refused=False))
        return reply


class Stage:
    """Start it once, close it at the end; `cloud` is the resolved template."""

    def __init__(self, assembly: Path, folder: Path) -> None:
        self.cloud = settings.make(
            assembly,
            data=folder,
            port=free_port(),
            repository_root=ROOT,
            now=datetime.now(UTC),
            chaos=Chaos(duplicate=0.0, reorder=0.0),
        )
        self.sessions = Sessions(self.cloud)
        self.tap = Tap()
        self.used: set[tuple[str, str, str]] = set()
        self._judges = Judge(self.cloud, used=self._note), Judge(self.cloud, unjudged=DATA_PLANE)
        self.invocations = Invocations()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stage", daemon=True)
        engine = dynamodb.spec(port=self.cloud.ports.dynamodb, data=folder / "dynamodb")
        dynamodb.install()
        self._log = (folder / "engine.log").open("wb")
        self._engine = subprocess.Popen(list(engine.argv), stdout=self._log, stderr=self._log)
        self._thread.start()
        try:
            _until_open(self.cloud.ports.dynamodb)
            self._run(self._start())
        except BaseException:
            self.close()
            raise

    def _note(self, role: str, ask: Ask) -> None:
        self.used.add((role, ask.action, ask.resource))

    async def _start(self) -> None:
        cloud, meter = self.cloud, Meter()
        self.broker, self.moto = Broker(cloud), MotoEngine(cloud)
        self.dynamodb, self.forward = DynamoDb(cloud, meter), Connections(cloud)
        sts = Sts(self.sessions, self._judges[0].identities, account=cloud.account, clock=_now)
        self.door = TappedDoor(
            sessions=self.sessions,
            judge=self._judges[0],
            sts=sts,
            dynamodb=self.dynamodb,
            lambda_api=self.invocations,
            forward=self.forward,
            moto=self.moto,
            meter=meter,
            clock=_now,
        )
        self.door.tap, self.door.asked = self.tap, self._judges[0]
        await tables.ensure(cloud)
        await self.broker.start()
        await self.moto.start()
        self._runner = web.AppRunner(self.door.application(), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", cloud.ports.aws).start()

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self.dynamodb.close()
        await self.forward.close()
        await self.broker.close()
        self.moto.close()

    def on_loop(self, ask: Callable[[], Answered]) -> Answered:
        """What `ask` answers on the thread that the broker and its registry live on."""

        async def run() -> Answered:
            return ask()

        answered: Answered = self._run(run())
        return answered

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(READY_WITHIN_S)

    def close(self) -> None:
        if hasattr(self, "_runner"):
            self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._engine.kill()
        self._engine.wait(10)
        self._log.close()

    @contextmanager
    def policies_open(self) -> Iterator[None]:
        """The second wall is open: every signed call to the data plane passes, whatever the documents say."""
        self.door._judge = self._judges[1]
        try:
            yield
        finally:
            self.door._judge = self._judges[0]

    def resource(self, noun: str) -> str:
        """Physical name of a table, function or role of the stage."""
        return f"cnc-local-{noun}"

    def role(self, name: str, **tags: str) -> Credentials:
        """A session of a role of the template, as Lambda or STS would give it."""
        arn = f"arn:{self.cloud.partition}:iam::{self.cloud.account}:role/{name}"
        made = self.sessions.issue(arn, "test", now=_now(), duration=timedelta(hours=12), tags=tags)
        return made.credentials

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        own = credentials or self.cloud.admin_credentials
        return boto3.client(
            service,
            endpoint_url=self.cloud.aws_url,
            region_name=self.cloud.region,
            aws_access_key_id=own.access_key_id,
            aws_secret_access_key=own.secret_access_key,
            aws_session_token=own.session_token or None,
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=20,
                signature_version="s3v4" if service == "s3" else None,
            ),
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _until_open(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not accepts(port):
        assert time.monotonic() < deadline, f"nobody listens on {port} within {READY_WITHIN_S} s"
        time.sleep(0.02)
