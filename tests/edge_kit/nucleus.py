"""A stand-in for the Greengrass nucleus: the minimal part of its deployment logic, for tests alone.

It unpacks artifacts, replaces placeholders of recipes, starts components by their `Startup` scripts, believes their
states, tries a failing one three times, and takes a deployment back when one stays BROKEN. It runs no `Install`
scripts (they need a registry): `{work:path}/venv` holds an interpreter with the libraries of this environment.
"""

import asyncio
import os
import secrets
import shutil
import signal
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.edge_kit.ipc_server import Component, IpcServer

ATTEMPTS = 3


@dataclass(frozen=True)
class Version:
    """One version of a component: its recipe, and the zip its recipe speaks of."""

    recipe: Mapping[str, Any]
    artifact: Path

    @property
    def name(self) -> str:
        return str(self.recipe["ComponentName"])

    @property
    def startup(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.recipe["Manifests"][0]["Lifecycle"]["Startup"]
        return found


@dataclass
class Running:
    version: Version
    process: asyncio.subprocess.Process
    token: str


@dataclass
class Nucleus:
    """`root` gets artifacts, work folders, logs; `timeout_s` of a start, None for what the recipe says."""

    root: Path
    thing: str
    ipc: IpcServer
    configuration: Mapping[str, str]
    timeout_s: float | None = None
    running: dict[str, Running] = field(default_factory=dict)
    states: dict[str, list[str]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self, component: str, state: str) -> None:
        self.states.setdefault(component, []).append(state)
        self._news.set()

    async def deploy(self, *versions: Version) -> str:
        """SUCCEEDED, or what the nucleus reports after it went back: FAILED_ROLLBACK_COMPLETE."""
        before = [self.running[one.name].version for one in versions if one.name in self.running]
        for one in versions:
            if not await self._replace(one):
                for back in before:
                    if not await self._replace(back):
                        return "FAILED_UNABLE_TO_ROLLBACK"
                return "FAILED_ROLLBACK_COMPLETE"
        return "SUCCEEDED"

    async def _replace(self, version: Version) -> bool:
        await self._stop(version.name)
        self._unpack(version)
        for _ in range(ATTEMPTS):
            if await self._start(version):
                return True
            await self._stop(version.name)
        self.told(version.name, "BROKEN")
        return False

    async def _start(self, version: Version) -> bool:
        name, token = version.name, secrets.token_hex(16)
        access = version.recipe["ComponentConfiguration"]["DefaultConfiguration"].get("accessControl", {})
        self.ipc.components[token] = Component(name, access)
        self.told(name, "STARTING")
        with (self.root / f"{name}.log").open("ab") as out:
            process = await asyncio.create_subprocess_shell(
                self._filled(version, version.startup["Script"]), stdout=out, stderr=asyncio.subprocess.STDOUT,
                env=self._environment(token), cwd=self._work(version),
            )  # fmt: skip
        self.running[name] = Running(version, process, token)
        return await self._comes_up(name, process, self.timeout_s or float(version.startup["Timeout"]))

    async def _comes_up(self, name: str, process: asyncio.subprocess.Process, within_s: float) -> bool:
        ended = asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(within_s):
                while self.states[name][-1] == "STARTING":
                    self._news.clear()
                    news = asyncio.create_task(self._news.wait())
                    await asyncio.wait({ended, news}, return_when=asyncio.FIRST_COMPLETED)
                    news.cancel()
                    if ended.done() and self.states[name][-1] == "STARTING":
                        self.told(name, "ERRORED")
        except TimeoutError:
            self.told(name, "ERRORED")
        finally:
            ended.cancel()
        return self.states[name][-1] == "RUNNING"

    async def _stop(self, name: str) -> None:
        held = self.running.pop(name, None)
        if held is None:
            return
        self.ipc.components.pop(held.token, None)
        if held.process.returncode is None:
            held.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(held.process.wait(), 15)
            except TimeoutError:
                held.process.kill()
                await held.process.wait()

    async def close(self) -> None:
        for name in list(self.running):
            await self._stop(name)

    def _unpack(self, version: Version) -> None:
        place = self._artifacts(version) / version.artifact.stem
        if not place.exists():
            shutil.unpack_archive(version.artifact, place)
        interpreter = self._work(version) / "venv" / "bin" / "python"
        if not interpreter.exists():
            interpreter.parent.mkdir(parents=True)
            libraries = sysconfig.get_paths()["purelib"]
            # By PYTHONPATH, so that the libraries are seen and this repository, which is installed beside them, is not.
            interpreter.write_text(f'#!/bin/sh\nPYTHONPATH="{libraries}" exec "{sys._base_executable}" "$@"\n')  # type: ignore[attr-defined]
            interpreter.chmod(0o755)

    def _filled(self, version: Version, script: str) -> str:
        places = {
            "{artifacts:decompressedPath}": str(self._artifacts(version)),
            "{work:path}": str(self._work(version)),
            "{iot:thingName}": self.thing,
            **{f"{{configuration:/{name}}}": value for name, value in self.configuration.items()},
        }
        for placeholder, value in places.items():
            script = script.replace(placeholder, value)
        assert "{" not in script, script
        return script

    def _environment(self, token: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SVCUID": token,
            "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT": str(self.ipc.path),
            "AWS_IOT_THING_NAME": self.thing,
        }

    def _artifacts(self, version: Version) -> Path:
        return self.root / "artifacts-unarchived" / version.name / str(version.recipe["ComponentVersion"])

    def _work(self, version: Version) -> Path:
        folder = self.root / "work" / version.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
