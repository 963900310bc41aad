"""The SDK's descriptions of services, found by their folder.

Botocore looks for a service by listing the folders of all of them, some 400, twice in every process: a tenth of a
cold start. One listing says the same.
"""

from pathlib import Path
from typing import Any

import botocore.session
from botocore.loaders import Loader


class FolderLoader(Loader):  # type: ignore[misc]
    """Loads as botocore does; the services it knows are the folders in its search paths."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - the SDK's word
        """Names by folder, whatever the type; one that lacks the type raises DataNotFoundError when it is loaded."""
        paths = (Path(path) for path in self.search_paths)
        return sorted({entry.name for path in paths if path.is_dir() for entry in path.iterdir()})


def find_by_folder(session: botocore.session.Session) -> Any:
    """Let this session find services so; answers its loader, which another session may share."""
    extra: str | None = session.get_config_variable("data_path")
    loader = FolderLoader(extra_search_paths=extra.split(":") if extra else None)
    session.register_component("data_loader", loader)
    return loader
