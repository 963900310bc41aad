"""A control in memory that can be cut at any operation, and a gate around it."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cnc.domain.programs.canonical import canonical, digest, value_digest
from cnc.domain.programs.interlock import Status
from cnc.domain.programs.order import Order
from cnc.domain.programs.tables import ValueTarget
from cnc.domain.programs.targets import MacroTarget, ProgramTarget
from greengrass_components.edge_kit.config import Bootstrap, SourceConfig
from greengrass_components.focas.gate.focas_control import monotonic_ms
from greengrass_components.focas.gate.gate import Gate, Outcome
from greengrass_components.focas.gate.ledger import OrderLedger
from greengrass_components.focas.gate.pending import PendingFile
from greengrass_components.focas.gate.ports import ControlError, Guard
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.gate.wiring import verifier

ID = "0123456789abcdef"
TENANT, SITE, THING, MACHINE, SOURCE = (f"{kind}_{ID}" for kind in "tsgmd")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
FOLDER = "//CNC_MEM/USER/PATH1/"
OLD = canonical(b"O1234(OLD)\nG0X1.\nM30\n")
NEW = canonical(b"O1234(NEW)\n" + b"".join(b"N%dG1X%d.F100.\n" % (n, n) for n in range(1, 250)) + b"M30\n")
NOW = 1_800_000_000_000
IDLE = {"run": 0, "motion": 0, "mstb": 0, "emergency": 0, "alarm": 0, "edit": 0, "aut": 1, "spindle_rpm": 0}
PROGRAM = ProgramTarget(1, FOLDER, "O1234")


class Cut(ControlError):
    """The connection ended here."""


@dataclass
class FakeControl:
    """Programs by full name; `cut_at` counts operations that change something, before or after their effect."""

    programs: dict[str, bytes] = field(default_factory=lambda: {f"{FOLDER}O1234": OLD, f"{FOLDER}O0001": b"O1\nM30"})
    words: dict[str, int | None] = field(default_factory=lambda: dict(IDLE))
    renames: bool = True
    used: frozenset[str] = frozenset({f"{FOLDER}O0001"})
    serial_number: str = "AF01-2345"
    cut_at: int = -1
    after: bool = False
    changes: list[str] = field(default_factory=list)
    before_frame: Callable[[int], None] = lambda frame: None
    arrives: Callable[[bytes], bytes] = lambda text: text
    sticks: Callable[[str], str] = lambda value: value
    on_cut: Callable[[], object] = lambda: None
    dies: bool = False
    _value: dict[tuple[type, int], str] = field(default_factory=lambda: {(MacroTarget, 500): "1.0"})

    def __post_init__(self) -> None:
        if not self.renames:  # programs are numbers, without folders
            self.programs = {name.removeprefix(FOLDER): text for name, text in self.programs.items()}
            self.used = frozenset(name.removeprefix(FOLDER) for name in self.used)

    @property
    def folder(self) -> str:
        return FOLDER if self.renames else ""

    @asynccontextmanager
    async def open(self, source: SourceConfig) -> AsyncIterator["FakeControl"]:
        yield self

    async def status(self) -> Status:
        return Status(monotonic_ms(), **self.words)

    async def serial(self) -> str:
        return self.serial_number

    async def in_use(self) -> frozenset[str]:
        return self.used

    async def can_rename(self) -> bool:
        return self.renames

    async def read_program(self, name: str) -> bytes | None:
        return self.programs.get(name)

    async def free_names(self, folder: str, count: int) -> list[str]:
        free = [f"{folder}O{n}" for n in range(7999, 7900, -1) if f"{folder}O{n}" not in self.programs]
        return free[:count]

    async def send_program(self, folder: str, text: bytes, *, before_each: Guard) -> None:
        for frame in range(3):
            self.before_frame(frame)
            await before_each()
        whole = canonical(self.arrives(text))
        name = folder + whole.split(b"\n")[1].split(b"(")[0].decode()
        if name in self.programs:
            raise ControlError("5, detail 4")
        self._change(f"send {name}", lambda: self.programs.update({name: whole}))

    async def rename_program(self, name: str, bare: str) -> None:
        folder, _, own = name.rpartition("/")
        to = f"{folder}/{bare}"
        assert to not in self.programs
        text = self.programs[name].replace(own.encode(), bare.encode(), 1)
        self._change(f"rename {own} {bare}", lambda: (self.programs.pop(name), self.programs.update({to: text})))

    async def delete_program(self, name: str) -> None:
        self._change(f"delete {name}", lambda: self.programs.pop(name))

    async def read_value(self, target: ValueTarget) -> str | None:
        return self._value.get((type(target), target.number))

    async def write_value(self, target: ValueTarget, value: str) -> None:
        self._change("value", lambda: self.keep(target, self.sticks(value)))

    def keep(self, target: ValueTarget, value: str) -> None:
        self._value[type(target), target.number] = value

    def _change(self, what: str, act: Callable[[], Any]) -> None:
        cut = len(self.changes) == self.cut_at
        if cut and not self.after:
            self._end()
        self.changes.append(what)
        act()
        if cut:
            self._end()

    def _end(self) -> None:
        self.cut_at = -1
        self.on_cut()
        if self.dies:
            raise SystemExit
        raise Cut("the connection ended")


@dataclass
class Told:
    """Outcomes that were handed on; `kept` False is a disk that is full."""

    outcomes: list[Outcome] = field(default_factory=list)
    kept: bool = True

    def append_kept(self, outcome: Outcome) -> bool:
        if self.kept:
            self.outcomes.append(outcome)
        return self.kept


@dataclass
class Floor:
    """A gate over one fake control, and the orders for it."""

    data: Path
    control: FakeControl = field(default_factory=FakeControl)
    now_ms: int = NOW
    content: bytes = NEW
    errors: tuple[str, ...] = ()
    serial: str = "AF01-2345"
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.source = SourceConfig(SOURCE, MACHINE, "focas", 1000, host="127.0.0.1", port=8193)
        self.switch = Switch(self.data / "writing")
        self.switch.turn_on(MACHINE)
        self.gate = self.made()

    def made(self) -> Gate:
        """As after a start of the process: only what is on disk is known."""

        async def fetch(url: str) -> bytes:
            return self.content

        return Gate(
            bootstrap=Bootstrap(THING, TENANT, SITE, self.data),
            switch=self.switch,
            ledger=OrderLedger.open(self.data / "writing" / "orders.jsonl"),
            files=PendingFile(self.data / "writing"),
            open_control=self.control.open,
            verify=verifier(PUBLIC),
            fetch=fetch,
            check=lambda text, target, source: self.errors,
            source_of=lambda source: self.source if source == SOURCE else None,
            tell=self.told.append_kept,
            wall_ms=lambda: self.now_ms,
        )

    def order(self, **changed: Any) -> Order:
        order = Order(
            id=f"o_{ID}",
            tenant=TENANT,
            site=SITE,
            thing=THING,
            machine=MACHINE,
            source=SOURCE,
            serial="AF01-2345",
            change=f"c_{ID}",
            operation="program",
            target=replace(PROGRAM, folder=self.control.folder),
            sha256=digest(NEW),
            present_sha256=digest(OLD),
            approvers=(f"u_{ID}", "u_fedcba9876543210"),
            nonce="ab" * 16,
            not_before_ms=NOW - 1000,
            expires_ms=NOW + 59_000,
        )
        return replace(order, **changed)

    def macro(self, value: str = "2.5", **changed: Any) -> Order:
        target = MacroTarget(500, value)
        digests = {"sha256": value_digest(value), "present_sha256": value_digest("1.0")}
        return self.order(**{"operation": "macro", "target": target, **digests, **changed})

    def write(self, order: Order | None = None, *, key: Ed25519PrivateKey = KEY) -> Any:
        """The outcome of carrying it out, in a loop of its own."""
        return asyncio.run(self.gate.carry_out(self.command(order, key=key)))

    def command(self, order: Order | None = None, *, key: Ed25519PrivateKey = KEY) -> dict[str, str]:
        text = (order or self.order()).text()
        command = {"type": "write", "order": text, "content_url": "https://store/content"}
        command["signature"] = b64encode(key.sign(text.encode())).decode()
        return command

    def settle(self) -> Any:
        """As the next start of the process does."""
        self.gate = self.made()
        return asyncio.run(self.gate.settle(MACHINE))

    def ledger_reset(self) -> None:
        """As if the last order had never been."""
        (self.data / "writing" / "orders.jsonl").unlink()
        self.control.keep(MacroTarget(500, ""), "1.0")
        self.gate = self.made()

    def control_value(self) -> str:
        return asyncio.run(self.control.read_value(MacroTarget(500, ""))) or ""

    @staticmethod
    def digest_of(value: str) -> str:
        return value_digest(value)

    def present_value(self, value: str) -> dict[str, str]:
        return {"present_sha256": value_digest(value)}

    @property
    def present(self) -> bytes | None:
        return self.control.programs.get(f"{self.control.folder}O1234")
