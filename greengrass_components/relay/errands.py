"""Commands to components, and their reports to the cloud."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.diagnosis.desk import box_name
from greengrass_components.edge_kit.link import Link, LinkError
from greengrass_components.edge_kit.mailbox import Mailbox, inbox

log = logging.getLogger(__name__)

#: The component that has a write gate takes what concerns writing.
_GATE: Final = "focas"
_OF_GATE: Final = frozenset({"write", "stop_writing", "snapshot", "upload"})
#: Components that can look at a machine before it is configured.
_PROBERS: Final = frozenset({"focas", "modbus", "opcua", "mtconnect"})


@dataclass(slots=True)
class Errands:
    """Files towards components, messages towards the cloud."""

    bootstrap: Bootstrap
    link: Link

    def take(self, message: Mapping[str, Any], payload: bytes) -> bool:
        """Hand a command to its component; False when it is for none."""
        kind = message.get("type")
        component = message.get("component", _GATE) if kind == "probe" else _GATE
        if (kind != "probe" or component not in _PROBERS) and kind not in _OF_GATE:
            return False
        box = box_name(str(component)) if kind == "probe" else str(component)
        try:
            inbox(self.bootstrap.data, box).put(payload)
        except (OSError, ValueError) as error:
            log.error("cmd %s cannot be handed on: %s", kind, error)
        return True

    async def step(self) -> None:
        """Send what components left; a report is removed once the broker has acknowledged it."""
        if not self.link.connected:
            return
        for path in _waiting(self.bootstrap.data):
            try:
                await self.link.publish(self.bootstrap.up("machine_report"), path.read_bytes())
                path.unlink(missing_ok=True)
            except (LinkError, OSError) as error:
                log.warning("report %s: %s", path.name, error)
                return


def _waiting(data: Path) -> list[Path]:
    folder = data / "outbox"
    boxes = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for box in boxes for path in Mailbox(box).paths()]
