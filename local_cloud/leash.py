"""Runs a command so that it ends with its parent: `python leash.py <parent pid> -- argv …`.

Standard library only, run as a file and not as a module, so that it costs a bare interpreter start.
Linux: the kernel kills it (PR_SET_PDEATHSIG survives exec). Elsewhere: stays beside it and watches the parent.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
POLL_S = 0.5


def die_with(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent ends; leave at once if it has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)


def watch(parent: int, argv: list[str]) -> int:
    """Run `argv` as a child, pass signals on, and kill it when the parent is gone."""
    child = subprocess.Popen(argv)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda seen, _frame: child.send_signal(seen))
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(POLL_S)
    return child.returncode


def main() -> int:
    parent, argv = int(sys.argv[1]), sys.argv[3:]
    if sys.platform == "linux":
        die_with(parent)
        os.execvp(argv[0], argv)  # noqa: S606 - the command of the process table
    return watch(parent, argv)


if __name__ == "__main__":
    raise SystemExit(main())
