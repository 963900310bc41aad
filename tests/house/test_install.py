"""`make up` installs again whatever somebody took away."""

import shutil
from pathlib import Path

from tools.install import is_installed


def installed(root: Path) -> Path:
    (root / ".venv").mkdir()
    (root / ".venv" / ".installed").write_text("w")
    for project in ("portal", "local_cloud/engines"):
        (root / project / "node_modules").mkdir(parents=True)
        (root / project / "package-lock.json").write_text("{}")
    return root


def test_an_installation_of_the_same_lock_files_is_kept(tmp_path: Path) -> None:
    root = installed(tmp_path)
    assert is_installed(root, "w")
    assert not is_installed(root, "other")


def test_a_removed_folder_of_packages_is_noticed(tmp_path: Path) -> None:
    root = installed(tmp_path)
    shutil.rmtree(root / "portal" / "node_modules")
    assert not is_installed(root, "w")
