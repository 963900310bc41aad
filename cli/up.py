"""`cnc up`: the whole product with its simulated shops, under one supervisor."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from cli import built, data_folder, demo, floor, relocation
from cli.endpoints import Endpoints
from cli.refusal import CannotStart
from local_cloud.assembly import BadAssembly
from local_cloud.cloud import Chaos
from local_cloud.engines.dynamodb import NoEngine
from local_cloud.intrinsics import Unresolvable
from local_cloud.processes import StartFailed
from local_cloud.settings import BrokenFolder, PortTaken, is_free
from local_cloud.supervisor import LocalCloud
from local_cloud.support import Refused

ROOT = Path(__file__).resolve().parent.parent
_NEEDED_BYTES = 500 * 1024**2
_REFUSALS = (BadAssembly, BrokenFolder, NoEngine, PortTaken, Refused, StartFailed, Unresolvable)


def up(options: argparse.Namespace) -> int:
    """Start everything, say where, keep it running until a signal. Raises CannotStart."""
    started = time.monotonic()
    with data_folder.held(options.data):
        return _up(options, started=started)


def _up(options: argparse.Namespace, *, started: float) -> int:
    _check_disk(options.data)
    _check_port(options.port)
    _say("synthesising the template")
    assembly = built.assembly()
    if not options.no_portal:
        _say("building the portal")
        built.portal()
    board = _Board()
    chaos = Chaos(duplicate=options.repeats, reorder=options.repeats)
    try:
        cloud = LocalCloud(
            assembly,
            options.data,
            options.port,
            ROOT,
            on_processes=board.changed,
            progress=_say,
            chaos=chaos,
            loopback_providers=options.loopback_providers,
            firewall=not options.no_firewall,
        )
        cloud.start()
    except _REFUSALS as reason:
        raise CannotStart(str(reason)) from reason
    except OSError as reason:
        raise CannotStart(f"{reason.filename or options.data} cannot be used ({reason.strerror})") from reason
    try:
        _populate(cloud, options)
        shop = demo.load(options.data)
        contents = shop.endpoints(cloud.outputs, floor=not options.no_simulators)
        board.show(Endpoints(options.endpoints, contents), cloud.pids())
        _announce(cloud.outputs.origin, shop, seconds=time.monotonic() - started)
        cloud.run_until_signal()
    except StartFailed as reason:
        raise CannotStart(str(reason)) from reason
    finally:
        board.hide()
        cloud.stop()
    return 0


class _Board:
    """Keeps the endpoints file true from the moment that everything listed answers."""

    def __init__(self) -> None:
        self._endpoints: Endpoints | None = None

    def changed(self, processes: dict[str, int]) -> None:
        if self._endpoints is not None:
            self._endpoints.write(processes)

    def show(self, endpoints: Endpoints, processes: dict[str, int]) -> None:
        endpoints.write(processes)
        self._endpoints = endpoints

    def hide(self) -> None:
        if self._endpoints is not None:
            self._endpoints.remove()
            self._endpoints = None


def _populate(cloud: LocalCloud, options: argparse.Namespace) -> None:
    """Make the demo tenants unless they are there, then start their machines and gateways."""
    asked = demo.Asked(
        machines=options.machines,
        synthetic=options.synthetic,
        synthetic_rate_hz=options.synthetic_rate,
        speed=options.speed,
        since=options.since or "",
    )
    demo.ensure(options.data, cloud.outputs, asked, say=_say)
    if not options.no_simulators:
        what = "telling the gateways where their machines are"
        relocation.settle(
            options.data, tell=lambda: demo.operate("cli.retell", options.data, cloud.outputs, (), what=what), say=_say
        )
        _say("starting the machines and their gateways")
        cloud.add(*floor.processes(options.data))


def _check_port(port: int) -> None:
    """Before the minute that building takes; the local cloud asks again when it needs the port."""
    if not is_free(port):
        raise CannotStart(str(PortTaken(port)))


def _check_disk(data: Path) -> None:
    folder = next(parent for parent in (data, *data.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < _NEEDED_BYTES:
        raise CannotStart(f"{free / 1e6:.0f} MB free at {folder}, {_NEEDED_BYTES / 1e6:.0f} MB needed: make room first")


def _announce(origin: str, shop: "demo.Demo", *, seconds: float) -> None:
    print(f"\n  CNC Copilot is up after {seconds:.0f} s. Everything below is simulated.\n", flush=True)
    print(f"    {origin}\n")
    for user in shop.users:
        print(f"    {user['email']:<34} {user['password']}    {user['tenant_name']} ({user['role']})")
    print("\n  Ctrl-C ends every process.", flush=True)


def _say(line: str) -> None:
    print(f"  {line} …", file=sys.stderr, flush=True)
