"""Where the suite runs: one template, deployed by different hands, asked through the same clients."""

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.cloud import Chaos, Credentials
from local_cloud.supervisor import LocalCloud
from tests.conformance.template import Names, template
from tests.local_cloud.core.running import free_port

ROOT = Path(__file__).resolve().parents[2]
# A fresh account's queues, roles and event sources take their time; a laptop's do not.
PATIENCE_S = {"local": 20.0, "ministack": 30.0, "aws": 180.0}
Found = TypeVar("Found")


@dataclass(frozen=True)
class Target:
    """A cloud in which the conformance template is deployed, by its address.

    Without `credentials` the standard chain of the SDK is asked.
    """

    names: Names
    region: str
    account: str
    patience_s: float
    endpoint_url: str | None = None
    credentials: Credentials | None = None

    def client(self, service: str, credentials: Credentials | None = None, *, attempts: int = 6) -> Any:
        """A client with the deployer's rights, or with those of `credentials`."""
        own = credentials or self.credentials
        explicit = {
            "aws_access_key_id": own.access_key_id,
            "aws_secret_access_key": own.secret_access_key,
            "aws_session_token": own.session_token or None,
        } if own else {}  # fmt: skip
        made: Any = boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self._endpoint(service),
            config=Config(
                retries={"total_max_attempts": attempts, "mode": "standard"},
                read_timeout=30,
                signature_version="s3v4" if service == "s3" else None,
                # A presigned address must name the region: a new bucket is not known everywhere at once.
                s3={"addressing_style": "path"},
            ),
            **explicit,
        )
        return made

    def tenant(self, tenant: str) -> Credentials:
        """A session of the tenant role, whose trust a new account may take seconds to learn."""
        sts = self.client("sts")

        def assume() -> Any:
            try:
                return sts.assume_role(
                    RoleArn=self.role_arn, RoleSessionName="conformance", Tags=[{"Key": "tenant", "Value": tenant}]
                )["Credentials"]
            except ClientError as refused:
                if refused.response["Error"]["Code"] != "AccessDenied":
                    raise
                return None

        answer = self.until(assume, what="a session of the tenant role")
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:role/{self.names.tenant_role}"

    def queue_url(self, kind: str) -> str:
        """Of `work`, `dead` or `failed`."""
        return str(self.client("sqs").get_queue_url(QueueName=self.names.queue(kind))["QueueUrl"])

    def until(self, probe: Callable[[], Found | None], *, what: str) -> Found:
        """The first truthy answer of `probe`. Raises AssertionError when the target's patience is over."""
        deadline = time.monotonic() + self.patience_s
        for number in itertools.count():
            found = probe()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {self.patience_s} s: {what}; last answer {found!r}")
            time.sleep(min(1.0, 0.05 * 1.3**number))
        raise AssertionError("unreachable")

    def _endpoint(self, service: str) -> str | None:
        """IoT's data plane has a host of its own in each account."""
        if self.endpoint_url or service != "iot-data":
            return self.endpoint_url
        found = self.client("iot").describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
        return f"https://{found}"

    @classmethod
    def load(cls, path: Path, *, target: str) -> Self:
        """What a tool of tools/ deployed."""
        said = json.loads(path.read_bytes())
        names = Names(said["prefix"], said["bucket"])
        return cls(names, said["region"], said["account"], PATIENCE_S[target], said["endpoint_url"])


@contextmanager
def local(folder: Path) -> Iterator[Target]:
    """The local cloud, started for the session without its web front."""
    assembly = folder / "assembly"
    assembly.mkdir()
    (assembly / "Conformance.template.json").write_text(json.dumps(template(Names("conformance"))))
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Conformance.template.json"}}
    (assembly / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": {"Conformance": stack}}))
    cloud = LocalCloud(
        assembly,
        folder / "data",
        free_port(),
        ROOT,
        progress=lambda _line: None,
        chaos=Chaos(duplicate=0.0, reorder=0.0),
        without=frozenset({"http"}),
    )
    try:
        cloud.start()
        made = cloud.cloud
        names = Names("conformance", cloud.outputs.buckets[0])
        yield Target(
            names, made.region, made.account, PATIENCE_S["local"], made.aws_url, credentials=cloud.outputs.admin
        )
    finally:
        cloud.stop()


def unique(prefix: str) -> str:
    """A name that no other run in the same account has."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
