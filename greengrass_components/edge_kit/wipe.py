"""A gateway forgets what it holds of its shop, when the shop is erased in the cloud.

The order lies in `<data>/wipe.json` and names thing and tenant: a gateway that was enrolled anew does not know it any
more. From then on drivers read nothing and close their journals; once they had time for it, the relay removes
everything but what the gateway is (certificate, key, bootstrap) and reports how much that was.
"""

import json
import logging
import os
import shutil
from dataclasses import dataclass
from typing import Any, Final

from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.mailbox import outbox, report

log = logging.getLogger(__name__)

#: Drivers look every second; after this all have closed what they wrote.
CLOSED_AFTER_MS: Final = 3_000
_NAME: Final = "wipe.json"
#: Beside the files that the bootstrap names: what it is read from, and what renewals leave.
_KEPT: Final = frozenset({_NAME, "bootstrap.toml", "lock", "identity"})


@dataclass(frozen=True, slots=True)
class Wipe:
    """An order; `done` once everything is gone."""

    request: str
    ordered_ms: int
    done: bool = False


def order(bootstrap: Bootstrap, message: dict[str, Any], *, now_ms: int) -> bool:
    """Keep an order of the cloud; whether it is one for this gateway. Raises OSError."""
    if (message.get("tenant"), message.get("thing")) != (bootstrap.tenant, bootstrap.thing):
        return False
    if ordered(bootstrap) is None:
        _keep(bootstrap, Wipe(str(message.get("request", ""))[:64], now_ms))
    return True


def ordered(bootstrap: Bootstrap) -> Wipe | None:
    """The order that this gateway is under."""
    try:
        held = json.loads((bootstrap.data / _NAME).read_bytes())
        if (held["tenant"], held["thing"]) != (bootstrap.tenant, bootstrap.thing):
            return None
        return Wipe(held["request"], int(held["ordered_ms"]), bool(held["done"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def carry_out(bootstrap: Bootstrap, *, now_ms: int) -> bool:
    """Remove everything, if that is ordered, due and not done yet, and leave the report; whether it was done now."""
    held = ordered(bootstrap)
    if held is None or held.done or now_ms - held.ordered_ms < CLOSED_AFTER_MS:
        return False
    files, size = _remove_all(bootstrap)
    log.warning("wiped: %d files, %d bytes", files, size)
    report(outbox(bootstrap.data, "relay"), {"type": "wiped", "request": held.request, "files": files, "bytes": size})
    _keep(bootstrap, Wipe(held.request, held.ordered_ms, done=True))
    return True


def due(bootstrap: Bootstrap, *, now_ms: int) -> bool:
    """Whether `carry_out` would."""
    held = ordered(bootstrap)
    return held is not None and not held.done and now_ms - held.ordered_ms >= CLOSED_AFTER_MS


def _remove_all(bootstrap: Bootstrap) -> tuple[int, int]:
    own = {path.resolve() for path in (bootstrap.ca, bootstrap.cert, bootstrap.key) if path is not None}
    files = size = 0
    for entry in sorted(bootstrap.data.iterdir()):
        if entry.name in _KEPT or entry.resolve() in own:
            continue
        for path in [entry, *entry.rglob("*")] if entry.is_dir() and not entry.is_symlink() else [entry]:
            if path.is_file() and not path.is_symlink():
                files, size = files + 1, size + path.stat().st_size
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    os.sync()
    return files, size


def _keep(bootstrap: Bootstrap, held: Wipe) -> None:
    body = {"v": 1, "tenant": bootstrap.tenant, "thing": bootstrap.thing, "request": held.request}
    body |= {"ordered_ms": held.ordered_ms, "done": held.done}
    write_atomic(bootstrap.data / _NAME, json.dumps(body, separators=(",", ":"), sort_keys=True).encode())
