"""What a fuzz target is, and one run of it: bounded time and memory, no error but the ones it may raise."""

import importlib
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
#: Modules of this package that are no targets.
_OWN = {"__init__", "__main__", "mutate", "target"}


@dataclass(frozen=True)
class Target:
    """`parse` takes any bytes; it may raise `allowed` and nothing else.

    `seconds` and `peak_bytes` bound one input of `max_size` bytes; they are far above what is usual, so that they
    find what hangs or explodes on a busy machine as well. `words` are tokens that mutations insert.
    """

    parse: Callable[[bytes], object]
    allowed: tuple[type[BaseException], ...] = ()
    words: tuple[bytes, ...] = ()
    max_size: int = 4_096
    seconds: float = 10.0
    peak_bytes: int = 64 << 20


class TooSlow(BaseException):
    """An input took longer than its target allows. Not an Exception, so that no parser can swallow it."""


class TooLarge(Exception):
    """An input took more memory than its target allows."""


def names() -> list[str]:
    """Targets, by the modules of this folder."""
    return sorted(
        path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _OWN and path.stem[:5] != "test_"
    )


def load(name: str) -> Target:
    target = importlib.import_module(f"tests.fuzz.{name}").TARGET
    assert isinstance(target, Target)
    return target


def seeds(name: str) -> list[Path]:
    return sorted(path for path in (SEEDS / name).glob("*") if path.is_file())


def run(target: Target, data: bytes, *, measure: bool = True) -> str | None:
    """What was wrong with one input, None when nothing. `measure` counts its memory too, which is slow."""
    if measure:
        tracemalloc.start()
    try:
        with _within(target.seconds):
            target.parse(data)
    except target.allowed:
        pass
    except TooSlow:
        return f"took longer than {target.seconds:g} s"
    except Exception as error:  # noqa: BLE001  the finding itself
        return f"{type(error).__name__}: {error}"
    finally:
        peak = tracemalloc.get_traced_memory()[1] if measure else 0
        if measure:
            tracemalloc.stop()
    return f"took {peak >> 20} MiB" if peak > target.peak_bytes else None


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """CPU time of this process is bounded, so that a busy machine finds no false slowness."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def cpu_s() -> float:
    return time.process_time()
