"""The manifests that declare functions and rules, read and checked before a stack sees them."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

ROOT = Path(__file__).resolve().parent.parent

Access = Literal["read", "write", "read-write", "append", "read-update", "whole", "erase"]
TABLES = ("telemetry", "shop", "audit", "keys")
#: Secrets that a function may read by naming them in its access.
SECRETS = ("origin", "write", "anchor_key")
_FUNCTION_KEYS = {
    "purpose",
    "memory_mb",
    "timeout_s",
    "packages",
    "reserved_concurrency",
    "trigger",
    "access",
    "environment",
}
_TRIGGERS = {"iot_rule", "http", "websocket", "schedule", "invoke", "authorizer", "page", "provisioning"}
#: Words of export and erasure; what each may be stands in `constructs.privacy_access`.
PRIVACY = ("person_keys", "accounts", "dead_letters", "bucket_list")
_ACCESS_KEYS = {
    *TABLES, "directory", "bucket", "invoke", "iot_publish", "things", "websocket", "mail", "sms", "counts", "anchors",
    "sso", *PRIVACY, *SECRETS,
}  # fmt: skip


class BadManifest(ValueError):
    """A manifest says something the stacks do not know."""

    def __init__(self, path: Path, seen: object, expected: str) -> None:
        super().__init__(f"{path}: saw {seen!r}, expected {expected}")


@dataclass(frozen=True, kw_only=True)
class FunctionManifest:
    """One `functions/<name>/function.toml`."""

    name: str
    purpose: str
    memory_mb: int
    timeout_s: int
    packages: tuple[str, ...]
    trigger: dict[str, Any]
    access: dict[str, Any]
    reserved_concurrency: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def handler(self) -> str:
        return f"functions.{self.name}.handler.lambda_handler"

    def tenant_tables(self) -> dict[str, Access]:
        """Tables reached through the tenant role only."""
        return {table: self.access[table] for table in TABLES if table in self.access}

    @property
    def acts_for_tenants(self) -> bool:
        return bool(self.tenant_tables() or self.access.get("bucket") or self.access.get("anchors"))


@dataclass(frozen=True, kw_only=True)
class RuleManifest:
    """One `iot_rules/<name>/` folder: the SQL and the function it feeds."""

    name: str
    purpose: str
    sql: str
    function: str
    retry_attempts: int
    max_event_age_s: int


def functions(root: Path = ROOT) -> dict[str, FunctionManifest]:
    """Every function of the product by name."""
    return {path.parent.name: read_function(path) for path in sorted(root.glob("functions/*/function.toml"))}


def rules(root: Path = ROOT) -> dict[str, RuleManifest]:
    """Every IoT rule of the product by name."""
    return {path.parent.name: _read_rule(path) for path in sorted(root.glob("iot_rules/*/rule.toml"))}


def read_function(path: Path) -> FunctionManifest:
    """Read one function manifest; raises BadManifest with what was seen and expected."""
    text = tomllib.loads(path.read_text())
    _only(path, text, _FUNCTION_KEYS)
    trigger, access = text.get("trigger", {}), text.get("access", {})
    _only(path, trigger, _TRIGGERS)
    _only(path, access, _ACCESS_KEYS)
    if len(trigger) != 1:
        raise BadManifest(path, sorted(trigger), f"exactly one trigger of {sorted(_TRIGGERS)}")
    for table in (*TABLES, "directory"):
        if access.get(table, "read") not in get_args(Access):
            raise BadManifest(path, access[table], f"one of {', '.join(get_args(Access))}")
    if access.get("counts", "write") != "write":
        raise BadManifest(path, access["counts"], "write")
    for channel in ("mail", "sms"):
        if access.get(channel, "send") != "send":
            raise BadManifest(path, access[channel], "send")
    if access.get("anchors", "read") not in ("read", "write"):
        raise BadManifest(path, access["anchors"], "read or write")
    for secret in SECRETS:
        if access.get(secret, "read") != "read":
            raise BadManifest(path, access[secret], "read")
    return FunctionManifest(
        name=path.parent.name,
        purpose=text["purpose"],
        memory_mb=text["memory_mb"],
        timeout_s=text["timeout_s"],
        packages=tuple(text.get("packages", ())),
        trigger=trigger,
        access=access,
        reserved_concurrency=text.get("reserved_concurrency"),
        environment=text.get("environment", {}),
    )


def _read_rule(path: Path) -> RuleManifest:
    text = tomllib.loads(path.read_text())
    sql = " ".join(path.with_name("rule.sql").read_text().split())
    return RuleManifest(
        name=path.parent.name,
        purpose=text["purpose"],
        sql=sql,
        function=text["function"],
        retry_attempts=text["retry_attempts"],
        max_event_age_s=text["max_event_age_s"],
    )


def _only(path: Path, seen: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(seen.keys() - known)
    if unknown:
        raise BadManifest(path, unknown, f"only {sorted(known)}")
