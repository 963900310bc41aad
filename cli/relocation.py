"""Machines whose port somebody else took between two starts move to another, and their gateways are told."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cli import demo
from cli.ports import free_port
from local_cloud.settings import is_free


def settle(data: Path, *, tell: Callable[[], None], say: Callable[[str], None]) -> None:
    """Before the machines start: give those on a taken port a free one.

    `tell` brings it to the gateways. `demo.json` carries `moving` until it has, so that a start that was interrupted
    is begun anew. Raises CannotStart.
    """
    document = demo.load(data).document
    taken = relocate(document["machines"], is_free=is_free)
    if not taken and "moving" not in document:
        return
    say(f"moving machines from ports that others have taken ({', '.join(map(str, taken)) or 'begun before'})")
    demo.keep(data, document | {"moving": True})
    for machine in document["machines"]:
        spec = Path(machine["spec"])
        spec.write_text(json.dumps(json.loads(spec.read_bytes()) | {"serve": machine["serve"]}, indent=1))
    tell()
    demo.keep(data, {name: value for name, value in document.items() if name != "moving"})


def relocate(machines: Iterable[dict[str, Any]], *, is_free: Callable[[int], bool]) -> list[int]:
    """Give every served row on a taken port another one, in place; answers the ports that were left."""
    rows = [row for machine in machines for row in machine["serve"]]
    known = {row["port"] for row in rows}
    left = []
    for row in rows:
        if not is_free(row["port"]):
            left.append(row["port"])
            row["port"] = free_port(known)
    return left
