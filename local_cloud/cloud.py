"""`cloud.json`: what every process of the local cloud knows about it."""

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the template, every intrinsic resolved."""

    stack: str
    logical_id: str
    type: str
    physical_id: str
    arn: str
    properties: dict[str, Any]
    asset_path: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id}, …)"


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on 127.0.0.1."""

    http: int
    aws: int
    dynamodb: int
    broker_tls: int
    broker_control: int
    rules: int
    zygote: int


@dataclass(frozen=True, slots=True)
class Pki:
    """Paths of PEM files."""

    ca_cert: str
    ca_key: str
    server_cert: str
    server_key: str


@dataclass(frozen=True, slots=True)
class Chaos:
    """How often what AWS may repeat or reorder is repeated or reordered here; shares of 1."""

    seed: int = 1
    duplicate: float = 0.01
    reorder: float = 0.01


@dataclass(frozen=True, slots=True)
class Cloud:
    repository_root: str
    data_dir: str
    origin: str
    ports: Ports
    service_credentials: Credentials
    admin_credentials: Credentials
    session_key: str
    pki: Pki
    resources: tuple[Resource, ...]
    chaos: Chaos = field(default_factory=Chaos)
    region: str = "us-east-1"
    account: str = "123456789012"
    partition: str = "aws"
    version: int = 1
    #: Development alone: identity providers may run on this computer.
    loopback_providers: bool = False
    #: Without, for proofs that ask as fast as they can, which the front's coarse limits would stop.
    firewall: bool = True

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.aws}"

    @property
    def data(self) -> Path:
        return Path(self.data_dir)

    def of(self, type_: str) -> tuple[Resource, ...]:
        """Resources of one CloudFormation type, in template order."""
        return tuple(resource for resource in self.resources if resource.type == type_)

    def one(self, type_: str, physical_id: str) -> Resource:
        """The resource with this physical id. Raises KeyError naming what exists."""
        found = {resource.physical_id: resource for resource in self.of(type_)}
        if physical_id not in found:
            raise KeyError(f"no {type_} {physical_id!r}; the template has {sorted(found)}")
        return found[physical_id]

    @classmethod
    def load(cls, path: Path | str) -> Self:
        raw = json.loads(Path(path).read_bytes())
        if raw.get("version") != 1:
            raise ValueError(f"{path}: version {raw.get('version')!r}, expected 1")
        nested: dict[str, Any] = {
            "ports": Ports(**raw["ports"]),
            "service_credentials": Credentials(**raw["service_credentials"]),
            "admin_credentials": Credentials(**raw["admin_credentials"]),
            "pki": Pki(**raw["pki"]),
            "chaos": Chaos(**raw["chaos"]),
            "resources": tuple(Resource(**resource) for resource in raw["resources"]),
        }
        return cls(**{**raw, **nested})

    def save(self, path: Path) -> None:
        """Write atomically, readable by the owner alone."""
        write_private(path, json.dumps(dataclasses.asdict(self), sort_keys=True).encode())


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` atomically; mode 0600 from its first byte."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    temporary.replace(path)
