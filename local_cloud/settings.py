"""Makes `cloud.json`: the same credentials, keys and, where still free, ports as at the last start."""

import json
import secrets
import socket
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from local_cloud import model, pki
from local_cloud.attributes import Place
from local_cloud.cloud import Chaos, Cloud, Credentials, Ports

REGION, ACCOUNT, PARTITION = "us-east-1", "123456789012", "aws"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class PortTaken(RuntimeError):
    """Somebody else listens on the port that people were to open."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is taken; end what listens there or choose another with --port")


class BrokenFolder(RuntimeError):
    """A file of the data folder is not what this program wrote."""


def make(
    assembly: Path,
    *,
    data: Path,
    port: int,
    repository_root: Path,
    now: datetime,
    parameters: Mapping[str, str] | None = None,
    chaos: Chaos | None = None,
    loopback_providers: bool = False,
    firewall: bool = True,
) -> Cloud:
    """Resolve the assembly and write `<data>/cloud.json`.

    Raises PortTaken, BrokenFolder, BadAssembly, Unresolvable, Refused.
    """
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    path = data / "cloud.json"
    before = _before(path)
    if not is_free(port):
        raise PortTaken(port)
    ports = _ports(port, before.get("ports", {}))
    origin = f"http://127.0.0.1:{port}"
    place = Place(REGION, ACCOUNT, PARTITION, origin, f"http://127.0.0.1:{ports.aws}")
    cloud = Cloud(
        repository_root=str(repository_root),
        data_dir=str(data),
        origin=origin,
        ports=ports,
        service_credentials=_credentials(before.get("service_credentials")),
        admin_credentials=_credentials(before.get("admin_credentials")),
        session_key=before.get("session_key") or secrets.token_hex(32),
        pki=pki.ensure(data / "pki", now=now),
        resources=model.resolve(assembly, place=place, parameters=parameters),
        chaos=chaos or Chaos(),
        region=REGION,
        account=ACCOUNT,
        partition=PARTITION,
        loopback_providers=loopback_providers,
        firewall=firewall,
    )
    cloud.save(path)
    return cloud


def _before(path: Path) -> dict[str, Any]:
    """What an earlier run chose; nothing in a new folder."""
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
        if not isinstance(found, dict):
            raise ValueError(type(found).__name__)
    except ValueError as error:
        raise BrokenFolder(
            f"{path} cannot be read ({error}); restore it or choose another folder with --data"
        ) from error
    return found


def _credentials(before: Mapping[str, str] | None) -> Credentials:
    if before:
        return Credentials(**before)
    return Credentials("AKIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16)), secrets.token_urlsafe(30))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _ports(http: int, before: Mapping[str, int]) -> Ports:
    taken = {http}
    found = {"http": http}
    for name in (field.name for field in fields(Ports) if field.name != "http"):
        port = before.get(name, 0)
        while not port or port in taken or not is_free(port):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        taken.add(port)
        found[name] = port
    return Ports(**found)
