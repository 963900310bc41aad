"""What the gate needs of a control, and how a step says no."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from cnc.domain.programs.interlock import Status
from cnc.domain.programs.tables import ValueTarget
from greengrass_components.edge_kit.config import SourceConfig

#: Called right before anything is sent that changes the control; raises Denied.
Guard = Callable[[], Awaitable[None]]


class Denied(Exception):
    """A step said no. `code` is stable, `step` where it happened, `seen` what was seen there."""

    def __init__(self, code: str, *, step: str, seen: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{step}: {code}")
        self.code, self.step, self.seen = code, step, dict(seen or {})


class ControlError(Exception):
    """The control could not be read or written: connection, refusal, or a reply that makes no sense."""


class Control(Protocol):
    """One control, seen by the gate. Names of programs are full ones. Everything raises ControlError."""

    async def status(self) -> Status:
        """`read_at_ms` is the monotonic time before the question was sent."""
        ...

    async def serial(self) -> str: ...

    async def in_use(self) -> frozenset[str]:
        """The running and the selected main program and every program they may call.

        Raises ControlError when a call cannot be followed.
        """
        ...

    async def can_rename(self) -> bool:
        """Whether programs are files that can be renamed; else they are numbers that can only be deleted."""
        ...

    async def read_program(self, name: str) -> bytes | None:
        """Its text, None when there is none."""
        ...

    async def free_names(self, folder: str, count: int) -> list[str]:
        """Names of programs that do not exist, for what is on its way."""
        ...

    async def send_program(self, folder: str, text: bytes, *, before_each: Guard) -> None: ...

    async def rename_program(self, name: str, bare: str) -> None: ...

    async def delete_program(self, name: str) -> None: ...

    async def read_value(self, target: ValueTarget) -> str | None:
        """Decimal text of what the target points to, None when there is nothing."""
        ...

    async def write_value(self, target: ValueTarget, value: str) -> None: ...


OpenControl = Callable[[SourceConfig], AbstractAsyncContextManager[Control]]
