"""The warm parent: has imported what functions share, forks a worker per order, says which came and went.

One client, the dispatcher in `aws`, sends JSON lines over TCP: first `{"key": …}`, then
`{"start": name, "environment": {…}, "paths": […], "log": file}` or `{"kill": name}`; it hears `{"ended": name}`.
When it goes away, all workers are killed: their Runtime API went with it. Single-threaded, so that fork is safe.
"""

import contextlib
import gc
import hmac
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from local_cloud.cloud import Cloud
from local_cloud.lambda_runtime import worker
from local_cloud.leash import die_with

SHARED = (
    "boto3", "botocore.session", "botocore.httpsession", "botocore.parsers", "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler", "msgspec", "pydantic", "orjson", "strawberry", "pynamodb.models", "jwt",
    "http.client", "zoneinfo",
)  # fmt: skip
TICK_S = 1.0


class Zygote:
    def __init__(self, cloud: Cloud) -> None:
        self._key = cloud.service_credentials.secret_access_key
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, str] = {}
        self._client: socket.socket | None = None
        self._known = False
        self._unread = b""
        self._server = socket.create_server(("127.0.0.1", cloud.ports.zygote))
        self._server.setblocking(False)
        self._wake, wake_write = socket.socketpair()
        for one in (self._wake, wake_write):
            one.setblocking(False)
        self._wake_write = wake_write
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
        for one in (self._server, self._wake):
            self._selector.register(one, selectors.EVENT_READ)

    def run(self) -> None:
        """Until SIGTERM."""
        stopped: list[bool] = []
        signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.append(True))
        while not stopped:
            for key, _ in self._selector.select(TICK_S):
                self._on(key.fileobj)
            self._reap()
        self._kill_all()

    def _on(self, what: object) -> None:
        if what is self._server:
            self._accept()
        elif what is self._wake:
            with contextlib.suppress(BlockingIOError):
                self._wake.recv(4096)
        else:
            self._read()

    def _accept(self) -> None:
        client, _ = self._server.accept()
        probe = client.recv(1, socket.MSG_PEEK) if _readable(client) else b""
        if not probe:
            client.close()  # a readiness probe
            return
        self._drop_client()
        client.setblocking(False)
        self._client, self._known, self._unread = client, False, b""
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self) -> None:
        assert self._client is not None
        try:
            chunk = self._client.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._drop_client()
            return
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, order: dict[str, Any]) -> None:
        if not self._known:
            self._known = hmac.compare_digest(str(order.get("key", "")), self._key)
            if not self._known:
                self._drop_client()
        elif "start" in order:
            self._start(order)
        elif "kill" in order:
            for pid, name in self._children.items():
                if name == order["kill"]:
                    os.kill(pid, signal.SIGKILL)

    def _start(self, order: dict[str, Any]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._in_child(order, parent)
            finally:
                os._exit(1)
        self._children[pid] = order["start"]
        _report(order["start"], pid)

    def _in_child(self, order: dict[str, Any], parent: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if sys.platform == "linux":
            die_with(parent)
        self._selector.close()
        for one in (self._server, self._wake, self._wake_write, self._client):
            if one is not None:
                one.close()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        worker.become(order["environment"], paths=order["paths"])

    def _reap(self) -> None:
        while self._children:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            name = self._children.pop(pid)
            _report(name, None)
            if self._client is not None:
                with contextlib.suppress(OSError):
                    self._client.send(json.dumps({"ended": name}).encode() + b"\n")

    def _drop_client(self) -> None:
        if self._client is not None:
            self._selector.unregister(self._client)
            self._client.close()
            self._client = None
        self._kill_all()

    def _kill_all(self) -> None:
        for pid in list(self._children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _readable(client: socket.socket) -> bool:
    """Whether bytes (or an end) arrive soon: a probe of the supervisor connects and closes."""
    client.settimeout(2.0)
    with contextlib.suppress(OSError):
        client.recv(1, socket.MSG_PEEK)
        return True
    return False


def _report(name: str, pid: int | None) -> None:
    os.write(1, json.dumps({"name": f"lambda:{name}", "pid": pid}).encode() + b"\n")


def main(cloud: Cloud) -> None:
    sys.path[:0] = [cloud.repository_root, str(Path(cloud.repository_root) / "graphql")]
    for name in SHARED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    Zygote(cloud).run()
