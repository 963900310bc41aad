"""A write that was begun, kept before its first byte so that the next start can put it right."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.programs.order import Order, read_order
from greengrass_components.edge_kit.files import write_atomic


@dataclass(frozen=True, slots=True)
class Pending:
    """`order` is its text, verified when the write began. `spare` is the program that holds the new text on its way,
    `kept` the old one; `old` is the present content's digest, or the present value. All "" for none.
    """

    order: str
    old: str
    spare: str = ""
    kept: str = ""

    def read(self) -> Order:
        """Raises CncError for a text that is no order."""
        return read_order(self.order.encode("ascii"), b"", verify=lambda _text, _signature: True)


@dataclass(frozen=True, slots=True)
class PendingFile:
    """`<data>/writing/pending/<machine>.json`, and the contents of before and after in `backup/<machine>/`."""

    folder: Path

    def save(self, machine: str, pending: Pending) -> None:
        """Durable when this returns. Raises OSError."""
        write_atomic(self._path(machine), json.dumps(asdict(pending)).encode())

    def load(self, machine: str) -> Pending | None:
        """Raises ValueError for a file that is none of ours: then nothing may be written."""
        path = self._path(machine)
        if not path.exists():
            return None
        try:
            pending = Pending(**json.loads(path.read_bytes()))
            pending.read()
        except (TypeError, ValueError, CncError) as error:
            raise ValueError(f"{path}: {error}") from error
        return pending

    def clear(self, machine: str) -> None:
        self._path(machine).unlink(missing_ok=True)

    def machines(self) -> list[str]:
        """Machines with a write that is not settled."""
        folder = self.folder / "pending"
        return sorted(path.stem for path in folder.glob("m_*.json")) if folder.is_dir() else []

    def contents(self, machine: str) -> Path:
        """Where programs are kept before they are sent or taken away, `<digest>.nc` each."""
        return self.folder / "backup" / check_id("m", machine)

    def content(self, machine: str, sha256: str) -> Path:
        """One of `contents`."""
        return self.contents(machine) / f"{sha256}.nc"

    def _path(self, machine: str) -> Path:
        return self.folder / "pending" / f"{check_id('m', machine)}.json"
