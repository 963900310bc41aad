"""`.local/endpoints.json`: the contract for anything outside the product, tests included."""

import json
import os
from pathlib import Path
from typing import Any


class Endpoints:
    """The file, rewritten atomically whenever a process comes or goes."""

    def __init__(self, path: Path, contents: dict[str, Any]) -> None:
        self._path = path
        self._contents = {"version": 1} | contents

    def write(self, processes: dict[str, int]) -> None:
        """Write the file with the current process ids; readable by its owner alone."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(self._contents | {"processes": processes}, file, indent=1)
        partial.replace(self._path)

    def remove(self) -> None:
        """Nothing answers any more."""
        self._path.unlink(missing_ok=True)
