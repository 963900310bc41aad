"""The data folder of a run: kept to one product at a time, with a sentence where it cannot be used."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.refusal import CannotStart


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and keep others out of it; the lock ends with the process, however that ends.

    Raises CannotStart.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as reason:
        raise CannotStart(
            f"the data folder {folder} cannot be used ({reason.strerror}): choose another with --data"
        ) from reason
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as reason:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotStart(
                f"the data folder {folder} is in use by process {holder}: end it or choose another with --data"
            ) from reason
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
