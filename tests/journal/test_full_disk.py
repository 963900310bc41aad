"""Disk full, on a real disk: writer and relay go on, and every row they could not keep is declared."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product.running import ROOT

OWN_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
#: The mount is seen by this process alone, and ends with it.
SCRIPT = 'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"'


def can_mount(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    command = [*OWN_DISK, SCRIPT.format(size="64k"), str(folder), "true"]
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


def fill_again_and_again(folder: Path, *, seed: int, rounds: int) -> str:
    if not can_mount(folder):
        pytest.skip("no small disk can be made here (Linux with user namespaces has one)")
    child = [sys.executable, "-m", "tests.journal.full_disk", str(folder), str(seed), str(rounds)]
    command = [*OWN_DISK, SCRIPT.format(size="900k"), str(folder), *child]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    print(done.stdout)
    return done.stdout


def test_a_disk_that_is_full_in_every_phase_costs_only_what_is_declared(tmp_path: Path) -> None:
    assert " 0 missing" in fill_again_and_again(tmp_path, seed=4, rounds=25)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
def test_a_disk_that_is_full_in_every_phase_for_long(tmp_path: Path, seed: int) -> None:
    assert " 0 missing" in fill_again_and_again(tmp_path, seed=seed, rounds=100)
