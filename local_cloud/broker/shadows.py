"""Classic and named device shadows: update, get, delete with accepted, rejected, delta and documents.

Shapes: AWS IoT developer guide, "Device Shadow service documents". At most 8 KB per document.
"""

import json
import re
import time
from typing import Any

from local_cloud.broker.messages import Message
from local_cloud.broker.retained import Shadows
from local_cloud.broker.router import Router

TOPIC = re.compile(r"\$aws/things/([^/]+)/shadow(?:/name/([^/]+))?/(get|update|delete)")
MAX_BYTES = 8 * 1024
Document = dict[str, Any]


class ShadowError(Exception):
    """A refusal with the code AWS puts into `rejected`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class ShadowService:
    """Answers shadow topics and the REST calls alike."""

    private = False

    def __init__(self, store: Shadows, router: Router) -> None:
        self.store, self.router = store, router

    def knows(self, topic: str) -> bool:
        return TOPIC.fullmatch(topic) is not None

    def handle(self, message: Message, *, client_id: str) -> None:  # noqa: ARG002 - of the Protocol
        found = TOPIC.fullmatch(message.topic)
        if found is None:
            return
        thing, name, verb = found[1], found[2] or "", found[3]
        token: str | None = None
        try:
            request = _parse(message.payload) if verb == "update" or message.payload else {}
            token = request.get("clientToken")
            answer = self._do(verb, thing, name, request)
            self._say(thing, name, f"{verb}/accepted", answer, token)
        except ShadowError as error:
            self._say(thing, name, f"{verb}/rejected", {"code": error.code, "message": str(error)}, token)

    def get(self, thing: str, name: str) -> Document:
        """Raises ShadowError 404."""
        found = self.store.get(thing, name)
        if found is None:
            raise ShadowError(404, f"No shadow exists with name: '{name or thing}'")
        document, version = found
        state = dict(document)
        delta = _delta(document.get("desired", {}), document.get("reported", {}))
        if delta:
            state["delta"] = delta
        return {"state": state, "version": version, "timestamp": int(time.time())}

    def update(self, thing: str, name: str, request: Document) -> Document:
        """Merges, null removes. Raises ShadowError 400, 409 and 413."""
        state = request.get("state")
        if not isinstance(state, dict) or not set(state) <= {"desired", "reported"}:
            raise ShadowError(400, "Missing required node: state with desired or reported")
        old, version = self.store.get(thing, name) or ({}, 0)
        if request.get("version", version) != version:
            raise ShadowError(409, f"Version conflict: {version}")
        new = _merged(old, state)
        if len(json.dumps(new)) > MAX_BYTES:
            raise ShadowError(413, "The document is too large")
        self.store.put(thing, name, new, version + 1)
        self._tell_changes(thing, name, (old, version), (new, version + 1), request.get("clientToken"))
        return {"state": state, "version": version + 1, "timestamp": int(time.time())}

    def delete(self, thing: str, name: str) -> Document:
        version = self.get(thing, name)["version"]
        self.store.delete(thing, name)
        return {"version": version, "timestamp": int(time.time())}

    def _do(self, verb: str, thing: str, name: str, request: Document) -> Document:
        if verb == "update":
            return self.update(thing, name, request)
        return self.get(thing, name) if verb == "get" else self.delete(thing, name)

    def _tell_changes(
        self, thing: str, name: str, old: tuple[Document, int], new: tuple[Document, int], token: str | None
    ) -> None:
        at = int(time.time())
        delta = _delta(new[0].get("desired", {}), new[0].get("reported", {}))
        if delta:
            self._say(thing, name, "update/delta", {"state": delta, "version": new[1], "timestamp": at}, token)
        documents = {
            "previous": {"state": old[0], "version": old[1]},
            "current": {"state": new[0], "version": new[1]},
            "timestamp": at,
        }
        self._say(thing, name, "update/documents", documents, token)

    def _say(self, thing: str, name: str, channel: str, body: Document, token: str | None) -> None:
        named = f"/name/{name}" if name else ""
        content = {**body, "clientToken": token} if token is not None else body
        payload = json.dumps(content, separators=(",", ":")).encode()
        self.router.deliver(Message(f"$aws/things/{thing}/shadow{named}/{channel}", payload, qos=1))


def _parse(payload: bytes) -> Document:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ShadowError(400, "Payload contains invalid json") from error
    if not isinstance(document, dict):
        raise ShadowError(400, "Payload must be a JSON object")
    return document


def _merged(old: Document, change: Document) -> Document:
    result = dict(old)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = _merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def _delta(desired: Any, reported: Any) -> Document:
    """What is desired and not reported so."""
    result: Document = {}
    for key, wanted in desired.items():
        seen = reported.get(key) if isinstance(reported, dict) else None
        if isinstance(wanted, dict) and isinstance(seen, dict):
            below = _delta(wanted, seen)
            if below:
                result[key] = below
        elif wanted != seen:
            result[key] = wanted
    return result
