"""Retained messages and shadows: the small documents of the data plane, kept in the registry's file."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_cloud.broker.topics import matches


@dataclass(frozen=True, slots=True)
class Retained:
    """One retained message; times in milliseconds UTC, `expires_ms` None = kept until replaced."""

    topic: str
    payload: bytes
    qos: int
    modified_ms: int
    expires_ms: int | None


class RetainedMessages:
    """Newest retained message per topic; an empty payload removes it (MQTT 5, 3.3.1.3)."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.by_topic = {row[0]: Retained(*row) for row in db.execute("SELECT * FROM retained")}

    def put(self, message: Retained) -> None:
        if not message.payload:
            self.by_topic.pop(message.topic, None)
            self.db.execute("DELETE FROM retained WHERE topic = ?", (message.topic,))
            return
        self.by_topic[message.topic] = message
        self.db.execute(
            "INSERT OR REPLACE INTO retained VALUES (?, ?, ?, ?, ?)",
            (message.topic, message.payload, message.qos, message.modified_ms, message.expires_ms),
        )

    def get(self, topic: str, *, now_ms: int) -> Retained | None:
        found = self.by_topic.get(topic)
        return found if found and (found.expires_ms is None or found.expires_ms > now_ms) else None

    def matching(self, pattern: str, *, now_ms: int) -> Iterator[Retained]:
        for topic in sorted(self.by_topic):
            found = self.get(topic, now_ms=now_ms)
            if found is not None and matches(pattern, topic):
                yield found


class Shadows:
    """Stored `{"state": {"desired", "reported"}}` documents with their versions."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def get(self, thing: str, name: str) -> tuple[dict[str, Any], int] | None:
        row = self.db.execute(
            "SELECT document, version FROM shadow WHERE thing = ? AND name = ?", (thing, name)
        ).fetchone()
        return (json.loads(row[0]), row[1]) if row else None

    def put(self, thing: str, name: str, document: dict[str, Any], version: int) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO shadow VALUES (?, ?, ?, ?)", (thing, name, json.dumps(document), version)
        )

    def delete(self, thing: str, name: str) -> None:
        self.db.execute("DELETE FROM shadow WHERE thing = ? AND name = ?", (thing, name))
