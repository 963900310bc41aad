"""Settings of an OPC UA source in the gateway's configuration document.

    {"id", "machine", "component": "opcua", "host", "port": 4840, "period_ms": 1000,
     "path": "/",                                  path of the endpoint's URL
     "security": {"policy": "Basic256Sha256", "mode": "SignAndEncrypt",
                  "certificate": "/etc/…/cert.der", "private_key": "/etc/…/key.pem", "server_certificate": "…"},
     "user": {"name": "gateway", "password_file": "/etc/…/password"},
     "reading": "subscribe" | "read",              subscribe when absent
     "sampling_ms": 1000, "queue": 2,              of each monitored item; the period when absent
     "companion": "auto" | "off",                  look for the companion specifications
     "name": "Mill 1",                             which machine, where the server has several
     "map": "plain_mill" | "nodes": "v: 1 …"}      a node map of this component, or its own YAML

Without `security` the connection is SecurityPolicy None, without `user` anonymous. Secrets are never in the document,
which is kept in the cloud: it names files on the gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.opcua.errors import BadSettings

DEFAULT_PORT: Final = 4840
POLICIES: Final = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
MODES: Final = ("Sign", "SignAndEncrypt")
LEAST_SAMPLING_MS: Final = 10
MOST_QUEUE: Final = 100
_KNOWN: Final = {
    "path", "security", "user", "reading", "sampling_ms", "queue", "companion", "name", "map", "nodes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Security:
    """A signed or encrypted channel; the files are on the gateway."""

    policy: str
    mode: str
    certificate: Path
    private_key: Path
    server_certificate: Path | None = None
    """What the server must show; without it, whatever it shows is taken."""


@dataclass(frozen=True, slots=True)
class User:
    """A user of the server."""

    name: str
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it, checked."""

    source: str
    url: str
    period_ms: int
    security: Security | None = None
    user: User | None = None
    subscribe: bool = True
    sampling_ms: int = 1_000
    queue: int = 2
    companion: bool = True
    name: str = ""
    map: str = ""
    nodes: str = ""


def settings_of(config: SourceConfig) -> Settings:
    """Raises BadSettings."""
    given = config.settings
    unknown = sorted(given.keys() - _KNOWN)
    if unknown:
        raise BadSettings("source", seen=unknown, expected=f"only {', '.join(sorted(_KNOWN))}")
    if not config.host:
        raise BadSettings("host", seen=config.host, expected="the name or address of the server")
    path = _text(given, "path", "/")
    companion = _choice(given, "companion", ("auto", "off")) == "auto"
    settings = Settings(
        source=config.id,
        url=f"opc.tcp://{_bracketed(config.host)}:{config.port or DEFAULT_PORT}/{path.lstrip('/')}",
        period_ms=config.period_ms,
        security=_security(given["security"]) if "security" in given else None,
        user=_user(given["user"]) if "user" in given else None,
        subscribe=_choice(given, "reading", ("subscribe", "read")) == "subscribe",
        sampling_ms=_whole(given, "sampling_ms", LEAST_SAMPLING_MS, 3_600_000, config.period_ms),
        queue=_whole(given, "queue", 1, MOST_QUEUE, 2),
        companion=companion,
        name=_text(given, "name", ""),
        map=_text(given, "map", ""),
        nodes=_text(given, "nodes", ""),
    )
    if settings.map and settings.nodes:
        raise BadSettings("map", seen=settings.map, expected="either map or nodes")
    if not companion and not settings.map and not settings.nodes:
        raise BadSettings("companion", seen="off", expected="a map or nodes beside it, else there is nothing to read")
    return settings


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _security(value: Any) -> Security:
    row = _mapping(value, "security", {"policy", "mode", "certificate", "private_key", "server_certificate"})
    server = _text(row, "server_certificate", "")
    return Security(
        policy=_choice(row, "policy", POLICIES),
        mode=_choice(row, "mode", MODES[::-1]),
        certificate=_file(row, "certificate"),
        private_key=_file(row, "private_key"),
        server_certificate=Path(server) if server else None,
    )


def _user(value: Any) -> User:
    if isinstance(value, Mapping) and "password" in value:
        raise BadSettings(
            "user", seen="password", expected="password_file, a file on the gateway: this is kept elsewhere"
        )
    row = _mapping(value, "user", {"name", "password_file"})
    name, file = _text(row, "name", ""), _text(row, "password_file", "")
    if not name:
        raise BadSettings("user: name", seen=name, expected="the name of a user")
    return User(name, Path(file) if file else None)


def _file(row: Mapping[str, Any], field: str) -> Path:
    name = _text(row, field, "")
    if not name:
        raise BadSettings(field, seen=name, expected="the path of a .der or .pem file on the gateway")
    return Path(name)


def _mapping(value: Any, where: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or value.keys() - known:
        raise BadSettings(where, seen=value, expected=f"a mapping of {', '.join(sorted(known))}")
    return value


def _text(row: Mapping[str, Any], field: str, otherwise: str) -> str:
    value = row.get(field, otherwise)
    if not isinstance(value, str):
        raise BadSettings(field, seen=value, expected="a text")
    return value


def _choice(row: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`; the first when absent."""
    value = row.get(field, allowed[0])
    if value not in allowed:
        raise BadSettings(field, seen=value, expected=f"one of {', '.join(allowed)}")
    return str(value)


def _whole(row: Mapping[str, Any], field: str, low: int, high: int, otherwise: int) -> int:
    value = row.get(field, otherwise)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadSettings(field, seen=value, expected=f"a whole number from {low} to {high}")
    return value
