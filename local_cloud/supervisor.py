"""The local cloud as one object: settings, process table, and what a caller needs to seed and use it."""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_cloud import settings, support
from local_cloud.cloud import Chaos, Cloud, Credentials
from local_cloud.engines import dynamodb
from local_cloud.processes import OnProcesses, ProcessSpec, ProcessTable

_LOOK_S = 0.2
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a caller may want to know once everything answers."""

    origin: str
    aws_url: str
    region: str
    admin: Credentials
    mqtt_host: str
    mqtt_port: int
    mqtt_ca: str
    tables: tuple[str, ...]
    buckets: tuple[str, ...]
    user_pool_id: str
    user_pool_client_id: str
    parameters: Mapping[str, str]


class LocalCloud:
    """`start()`, then `add()` more processes, then `run_until_signal()`."""

    def __init__(
        self,
        assembly_dir: Path,
        data_dir: Path,
        port: int,
        repository_root: Path,
        *,
        on_processes: OnProcesses = lambda _pids: None,
        progress: Progress = lambda line: print(line, file=sys.stderr, flush=True),
        chaos: Chaos | None = None,
        loopback_providers: bool = False,
        firewall: bool = True,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._progress = progress
        self._on_processes = on_processes
        self._without = without
        self._table: ProcessTable | None = None
        progress("reading the template")
        self.cloud = settings.make(
            assembly_dir.resolve(),
            data=data_dir.resolve(),
            port=port,
            repository_root=repository_root.resolve(),
            now=datetime.now(UTC),
            chaos=chaos,
            loopback_providers=loopback_providers,
            firewall=firewall,
        )
        if loopback_providers:
            progress("DEVELOPMENT: identity providers may run on this computer; never use this with real data")

    def start(self) -> None:
        """Start every process and return when all answer. Raises StartFailed or NoEngine; nothing is left running."""
        self._say_recorded()
        dynamodb.install()
        self._table = ProcessTable(logs=self.cloud.data / "logs", on_processes=self._on_processes)
        try:
            for stage in self._stages():
                wanted = [spec for spec in stage if spec.name not in self._without]
                self._progress("starting " + ", ".join(spec.name for spec in wanted))
                for spec in wanted:
                    self._table.add(spec, wait=False)
                for spec in wanted:
                    self._table.wait_ready(spec.name)
        except BaseException:
            self.stop()
            raise

    def add(self, *specs: ProcessSpec) -> None:
        """Start more processes under the same supervision, together, and wait until all are ready."""
        if self._table is None:
            raise RuntimeError("start() first")
        for spec in specs:
            self._table.add(spec, wait=False)
        for spec in specs:
            self._table.wait_ready(spec.name)

    def pids(self) -> dict[str, int]:
        return self._table.pids() if self._table else {}

    def stop(self) -> None:
        if self._table is not None:
            self._table.stop()
            self._table = None

    def run_until_signal(self) -> None:
        """Wait for SIGINT or SIGTERM, then end every process."""
        seen: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            # No lock in here: a second signal may come while the handler of the first one runs.
            signal.signal(number, lambda number, _frame: seen.append(number))
        while not seen:
            time.sleep(_LOOK_S)
        self._progress("stopping")
        self.stop()

    @property
    def outputs(self) -> Outputs:
        cloud = self.cloud
        pools, clients = cloud.of("AWS::Cognito::UserPool"), cloud.of("AWS::Cognito::UserPoolClient")
        return Outputs(
            origin=cloud.origin,
            aws_url=cloud.aws_url,
            region=cloud.region,
            admin=cloud.admin_credentials,
            mqtt_host="localhost",
            mqtt_port=cloud.ports.broker_tls,
            mqtt_ca=cloud.pki.ca_cert,
            tables=_names(cloud, "AWS::DynamoDB::GlobalTable"),
            buckets=_names(cloud, "AWS::S3::Bucket"),
            user_pool_id=pools[0].physical_id if pools else "",
            user_pool_client_id=clients[0].physical_id if clients else "",
            parameters={one.physical_id: one.properties["Value"] for one in cloud.of("AWS::SSM::Parameter")},
        )

    def _stages(self) -> tuple[tuple[ProcessSpec, ...], ...]:
        ports = self.cloud.ports
        engine = dynamodb.spec(port=ports.dynamodb, data=self.cloud.data / "dynamodb")
        zygote = self._python("lambda:zygote:0", "lambda_runtime", ports.zygote, reports=True)
        broker = self._python("broker", "broker", ports.broker_control)
        return (
            (engine, zygote, broker, self._python("aws", "door", ports.aws)),
            (self._python("rules", "rules", ports.rules), self._python("http", "gateway", ports.http)),
        )

    def _python(self, name: str, module: str, port: int, *, reports: bool = False) -> ProcessSpec:
        settings_file = str(self.cloud.data / "cloud.json")
        argv = [sys.executable, "-m", f"local_cloud.{module}", "--cloud", settings_file]
        return ProcessSpec(name, argv, port=port, cwd=self.cloud.repository_root, reports=reports)

    def _say_recorded(self) -> None:
        known = support.load()
        seen = support.recorded(((one.type, one.properties) for one in self.cloud.resources), known=known)
        types = sorted({name.rpartition(".")[0].removeprefix("AWS::") for name in seen})
        self._progress(f"recorded without local effect: {len(seen)} properties of {', '.join(types)}")


def _names(cloud: Cloud, type_: str) -> tuple[str, ...]:
    return tuple(resource.physical_id for resource in cloud.of(type_))
