"""Things, certificates, policies and their attachments, kept in one SQLite file across restarts.

Deleting follows AWS: a thing with principals, an ACTIVE certificate or an attached policy is refused.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

STATUSES = ("ACTIVE", "INACTIVE", "REVOKED")
PENDING = "PENDING_ACTIVATION"
SCHEMA = """
CREATE TABLE IF NOT EXISTS thing (name TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT, attributes TEXT NOT NULL,
    version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS certificate (id TEXT PRIMARY KEY, pem TEXT NOT NULL, status TEXT NOT NULL,
    created_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS attachment (thing TEXT NOT NULL, certificate TEXT NOT NULL,
    PRIMARY KEY (thing, certificate)) STRICT;
CREATE TABLE IF NOT EXISTS policy (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS target (policy TEXT NOT NULL, certificate TEXT NOT NULL,
    PRIMARY KEY (policy, certificate)) STRICT;
CREATE TABLE IF NOT EXISTS member (grouped TEXT NOT NULL, thing TEXT NOT NULL, PRIMARY KEY (grouped, thing)) STRICT;
CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL, expires_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS shadow (thing TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
    version INTEGER NOT NULL, PRIMARY KEY (thing, name)) STRICT;
"""


class RegistryError(Exception):
    """A refusal with the exception name of AWS IoT."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Thing:
    """An entry of the thing registry; `version` starts at 1 and grows with each update."""

    name: str
    id: str
    type: str | None
    attributes: Mapping[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """`id` is the SHA-256 of the DER form; `status` one of STATUSES, or PENDING until it is registered."""

    id: str
    pem: str
    status: str
    created_ms: int


class Registry:
    """All reads and writes of the registry. One connection: use it from one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)
        self.groups: set[str] = set()  # those of the template
        self.generation = 0  # grows with every change that policies can see; caches of decisions hang on it

    def close(self) -> None:
        self.db.close()

    # things
    def create_thing(self, name: str, *, type_name: str | None, attributes: Mapping[str, str]) -> Thing:
        """Same thing again answers it; other attributes under the same name are refused, as in AWS."""
        found = self.find_thing(name)
        if found is not None:
            if dict(found.attributes) == dict(attributes) and found.type == type_name:
                return found
            raise RegistryError("ResourceAlreadyExistsException", 409, f"Thing {name} already exists with other data")
        self._change("INSERT INTO thing VALUES (?, ?, ?, ?, 1)", name, str(uuid.uuid4()), type_name, _json(attributes))
        return self.thing(name)

    def find_thing(self, name: str) -> Thing | None:
        row = self.db.execute(
            "SELECT name, id, type, attributes, version FROM thing WHERE name = ?", (name,)
        ).fetchone()
        return Thing(row[0], row[1], row[2], json.loads(row[3]), row[4]) if row else None

    def thing(self, name: str) -> Thing:
        """Raises RegistryError when there is none."""
        found = self.find_thing(name)
        if found is None:
            raise RegistryError("ResourceNotFoundException", 404, f"Thing {name} cannot be found.")
        return found

    def things(self) -> list[Thing]:
        rows = self.db.execute("SELECT name, id, type, attributes, version FROM thing ORDER BY name")
        return [Thing(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]

    def update_thing(
        self, name: str, *, attributes: Mapping[str, str], merge: bool, expected_version: int | None
    ) -> None:
        """An empty value removes the attribute when merging."""
        found = self.thing(name)
        if expected_version not in (None, found.version):
            raise RegistryError(
                "VersionConflictException", 409, f"version is {found.version}, expected {expected_version}"
            )
        wanted = {**found.attributes, **attributes} if merge else dict(attributes)
        kept = {key: value for key, value in wanted.items() if value != ""}
        self._change("UPDATE thing SET attributes = ?, version = version + 1 WHERE name = ?", _json(kept), name)

    def join_group(self, thing: str, group: str) -> None:
        self.thing(thing)
        if group not in self.groups:
            raise RegistryError("ResourceNotFoundException", 404, f"Thing group {group} cannot be found.")
        self._change("INSERT OR IGNORE INTO member VALUES (?, ?)", group, thing)

    def groups_of(self, thing: str) -> list[str]:
        return self._column("SELECT grouped FROM member WHERE thing = ? ORDER BY 1", thing)

    def delete_thing(self, name: str) -> None:
        if self.principals_of(name):
            raise RegistryError("InvalidRequestException", 400, f"Thing {name} has principals attached")
        self._change("DELETE FROM member WHERE thing = ?", name)
        self._change("DELETE FROM thing WHERE name = ?", name)

    # certificates
    def add_certificate(self, certificate: str, pem: str, *, status: str, now: datetime) -> None:
        created_ms = int(now.timestamp() * 1000)
        self._change("INSERT OR IGNORE INTO certificate VALUES (?, ?, ?, ?)", certificate, pem, status, created_ms)

    def forget_pending(self, *, before_ms: int) -> None:
        """Certificates that nobody registered in time."""
        self._change("DELETE FROM certificate WHERE status = ? AND created_ms < ?", PENDING, before_ms)

    def certificate(self, certificate: str) -> Certificate:
        row = self.db.execute("SELECT * FROM certificate WHERE id = ?", (certificate,)).fetchone()
        if row is None:
            raise RegistryError("ResourceNotFoundException", 404, f"certificate {certificate} does not exist")
        return Certificate(*row)

    def is_active(self, certificate: str) -> bool:
        row = self.db.execute("SELECT status FROM certificate WHERE id = ?", (certificate,)).fetchone()
        return row is not None and row[0] == "ACTIVE"

    def set_status(self, certificate: str, status: str) -> None:
        if status not in STATUSES:
            raise RegistryError("InvalidRequestException", 400, f"status {status!r}: expected one of {STATUSES}")
        self.certificate(certificate)
        self._change("UPDATE certificate SET status = ? WHERE id = ?", status, certificate)

    def delete_certificate(self, certificate: str, *, force: bool) -> None:
        if self.certificate(certificate).status == "ACTIVE":
            raise RegistryError("CertificateStateException", 406, "deactivate the certificate before deleting it")
        if self.things_of(certificate) or (self.policies_of(certificate) and not force):
            raise RegistryError("DeleteConflictException", 409, "detach things and policies first")
        self._change("DELETE FROM target WHERE certificate = ?", certificate)
        self._change("DELETE FROM certificate WHERE id = ?", certificate)

    # attachments
    def attach_principal(self, thing: str, certificate: str) -> None:
        self.thing(thing)
        self.certificate(certificate)
        self._change("INSERT OR IGNORE INTO attachment VALUES (?, ?)", thing, certificate)

    def detach_principal(self, thing: str, certificate: str) -> None:
        self.thing(thing)
        self._change("DELETE FROM attachment WHERE thing = ? AND certificate = ?", thing, certificate)

    def principals_of(self, thing: str) -> list[str]:
        return self._column("SELECT certificate FROM attachment WHERE thing = ? ORDER BY 1", thing)

    def things_of(self, certificate: str) -> list[str]:
        return self._column("SELECT thing FROM attachment WHERE certificate = ? ORDER BY 1", certificate)

    # policies
    def declare_policy(self, name: str, document: Mapping[str, Any]) -> None:
        """A policy of the template: replaces what an earlier template said."""
        self._change("INSERT OR REPLACE INTO policy VALUES (?, ?)", name, _json(document))

    def create_policy(self, name: str, document: str) -> None:
        if self.db.execute("SELECT 1 FROM policy WHERE name = ?", (name,)).fetchone():
            raise RegistryError("ResourceAlreadyExistsException", 409, f"Policy {name} already exists")
        try:
            parsed = json.loads(document)
        except ValueError as error:
            raise RegistryError("MalformedPolicyException", 400, f"policy document is not JSON: {error}") from error
        if not isinstance(parsed, dict) or "Statement" not in parsed:
            raise RegistryError("MalformedPolicyException", 400, "policy document: expected an object with Statement")
        self._change("INSERT INTO policy VALUES (?, ?)", name, document)

    def policy(self, name: str) -> str:
        row = self.db.execute("SELECT document FROM policy WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise RegistryError("ResourceNotFoundException", 404, f"Policy {name} does not exist")
        return str(row[0])

    def attach_policy(self, name: str, certificate: str) -> None:
        self.policy(name)
        self.certificate(certificate)
        self._change("INSERT OR IGNORE INTO target VALUES (?, ?)", name, certificate)

    def detach_policy(self, name: str, certificate: str) -> None:
        self.policy(name)
        self._change("DELETE FROM target WHERE policy = ? AND certificate = ?", name, certificate)

    def policies_of(self, certificate: str) -> list[str]:
        return self._column("SELECT policy FROM target WHERE certificate = ? ORDER BY 1", certificate)

    def documents_of(self, certificate: str) -> list[dict[str, Any]]:
        found = self._column(
            "SELECT document FROM policy JOIN target ON name = policy WHERE certificate = ?", certificate
        )
        return [json.loads(text) for text in found]

    def _column(self, sql: str, value: str) -> list[str]:
        return [row[0] for row in self.db.execute(sql, (value,))]

    def _change(self, sql: str, *values: Any) -> None:
        self.db.execute(sql, values)
        self.generation += 1


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
