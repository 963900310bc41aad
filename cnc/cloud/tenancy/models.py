"""The SDK's descriptions of services, found by their folder and read into plain dicts.

Botocore looks for a service by listing the folders of all of them, some 400, twice in every process, and reads two
megabytes of JSON into ordered dicts. Both cost a sixth of a cold start and change nothing: one listing says the same,
and a dict keeps its order too.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import botocore.session
from botocore.loaders import JSONFileLoader, Loader


class PlainFileLoader(JSONFileLoader):  # type: ignore[misc]
    """Reads JSON files as botocore does, with dicts as they are."""

    def _load_file(self, full_path: str, open_method: Callable[[str, str], BinaryIO]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return json.loads(file.read())


class FolderLoader(Loader):  # type: ignore[misc]
    """Loads as botocore does; the services it knows are the folders in its search paths."""

    FILE_LOADER_CLASS = PlainFileLoader

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - the SDK's word
        """Names by folder, whatever the type; one that lacks the type raises DataNotFoundError when it is loaded."""
        paths = (path for path in self.search_paths if Path(path).is_dir())
        return sorted({entry.name for path in paths for entry in os.scandir(path)})


def find_by_folder(session: botocore.session.Session) -> Any:
    """Let this session find services so; answers its loader, which another session may share."""
    extra: str | None = session.get_config_variable("data_path")
    loader = FolderLoader(extra_search_paths=extra.split(os.pathsep) if extra else None)
    session.register_component("data_loader", loader)
    return loader
