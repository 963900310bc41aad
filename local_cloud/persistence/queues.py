"""Queued messages, kept as they are: one append-only file of puts and deletes per queue, rewritten at start.

A message in flight is visible again after a restart and its old receipt handle is void, as after a timeout in AWS.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

from local_cloud.cloud import write_private

_FIELDS = (
    "id",
    "body",
    "sent_timestamp",
    "approximate_receive_count",
    "deduplication_id",
    "group_id",
    "sequence_number",
)


class Queues:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, dict[str, int]] = {}

    def restore(self) -> None:
        """Put kept messages back into the queues that the template still has."""
        for name, queue in self._all():
            messages = _live(self._path(name))
            for said in messages.values():
                queue.add_message(_message(said))
            lines = [json.dumps({"put": said}) for said in messages.values()]
            write_private(self._path(name), "".join(line + "\n" for line in lines).encode())
            self._known[name] = {id_: int(said["approximate_receive_count"]) for id_, said in messages.items()}

    def keep(self) -> None:
        """Write what changed since the last call; durable when it returns."""
        for name, queue in self._all():
            self._keep(name, queue)

    def _keep(self, name: str, queue: Any) -> None:
        known = self._known.setdefault(name, {})
        now = {message.id: message for message in queue._messages}
        lines: list[dict[str, Any]] = [{"del": id_} for id_ in known if id_ not in now]
        changed = [one for one in now.values() if known.get(one.id) != one.approximate_receive_count]
        lines += [{"put": _said(one)} for one in changed]
        if not lines:
            return
        if any("del" in line for line in lines):  # what was deleted does not stay in the file
            whole = [json.dumps({"put": _said(one)}) + "\n" for one in now.values()]
            write_private(self._path(name), "".join(whole).encode())
            self._known[name] = {id_: one.approximate_receive_count for id_, one in now.items()}
            return
        with self._path(name).open("ab") as file:
            file.write("".join(json.dumps(line) + "\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
        self._known[name] = {id_: one.approximate_receive_count for id_, one in now.items()}

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _all(self) -> list[tuple[str, Any]]:
        from moto.sqs.models import sqs_backends

        return [
            (name, queue)
            for regions in list(sqs_backends.values())
            for backend in list(regions.values())
            for name, queue in backend.queues.items()
        ]


def _live(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    data = path.read_bytes() if path.is_file() else b""
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        said = json.loads(line)
        if "put" in said:
            found[said["put"]["id"]] = said["put"]
        else:
            found.pop(said["del"], None)
    return found


def _said(message: Any) -> dict[str, Any]:
    said = {name: getattr(message, name) for name in _FIELDS}
    said["attributes"] = {
        name: {
            key: {"b64": base64.b64encode(one).decode()} if isinstance(one, bytes) else one
            for key, one in value.items()
        }
        for name, value in message.message_attributes.items()
    }
    said["system"] = message.system_attributes
    return said


def _message(said: dict[str, Any]) -> Any:
    from moto.sqs.models import Message

    message = Message(said["id"], said["body"], said["system"])
    for name in _FIELDS[2:]:
        setattr(message, name, said[name])
    message.message_attributes = {
        name: {key: base64.b64decode(one["b64"]) if isinstance(one, dict) else one for key, one in value.items()}
        for name, value in said["attributes"].items()
    }
    return message
