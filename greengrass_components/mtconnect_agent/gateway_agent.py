"""The agent of a gateway: one device per machine, fed from the journals.

Settings (`outputs.mtconnect_agent`): `enabled`, `host` (127.0.0.1; 0.0.0.0 for the whole network), `port` (5000),
`buffer_size` (16384 observations), `names` ({machine id: name}).
"""

import logging
from collections.abc import Sequence

from greengrass_components.edge_kit.floor import MachineView
from greengrass_components.edge_kit.follow import EventSeen, RowSeen
from greengrass_components.edge_kit.mtconnect.agent import Agent
from greengrass_components.edge_kit.mtconnect.buffer import DEFAULT_SIZE
from greengrass_components.edge_kit.mtconnect.machine import About, MachineDevice, name_token
from greengrass_components.edge_kit.mtconnect.server import AgentServer
from greengrass_components.edge_kit.output import OutputSettings
from greengrass_components.edge_kit.pace import wall_ms

log = logging.getLogger(__name__)

PORT = 5000


class GatewayAgent:
    """One run of the agent. Satisfies `edge_kit.output.Output`."""

    def __init__(self, settings: OutputSettings) -> None:
        self._settings = settings
        self._machines: dict[str, MachineDevice] = {}
        self._agent: Agent | None = None
        self._server: AgentServer | None = None

    async def start(self, machines: Sequence[MachineView]) -> None:
        """Listen, with every machine as it stands. Raises OutputError, or OSError for a port that is taken."""
        settings = self._settings
        host, port = settings.text("host", "127.0.0.1"), settings.whole("port", 0, 0xFFFF, PORT)
        size = settings.whole("buffer_size", 100, 1_000_000, DEFAULT_SIZE)
        used: set[str] = set()
        devices = [(view, _device(view, used)) for view in machines]
        agent = Agent(
            [made.device for _, made in devices],
            sender=settings.bootstrap.thing,
            instance_id=_instance_id(),
            clock_ms=wall_ms,
            size=size,
        )
        self._agent = agent
        for view, made in devices:
            agent.add(made.begin(wall_ms()))
            for source in view.sources:
                self._machines[source.id] = made
                for event in source.events.values():
                    self.take(event)
                if source.row is not None:
                    self.take(source.row)
        self._server = await AgentServer(lambda: agent, host, port).start()
        log.info("agent: %d machines on %s:%d", len(devices), host, self._server.port)

    def take(self, seen: RowSeen | EventSeen) -> None:
        machine, agent = self._machines.get(seen.source), self._agent
        if machine is None or agent is None:
            return
        if isinstance(seen, EventSeen):
            agent.add(machine.event(seen.at_ms, seen.type, seen.data))
            return
        if any(value is not None for value in seen.values):
            agent.add(machine.alive(seen.at_ms))
        agent.add(machine.row(seen.source, seen.at_ms, seen.values))

    async def step(self) -> None:
        """Everything happens in `take` and in the server."""

    @property
    def state(self) -> str:
        return "running"

    @property
    def error(self) -> str:
        return ""

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop()


_last_instance = 0


def _instance_id() -> int:
    """Seconds since 1970, and never the same or an earlier one twice in this process."""
    global _last_instance
    _last_instance = max(_last_instance + 1, wall_ms() // 1000)
    return _last_instance


def _device(view: MachineView, used: set[str]) -> MachineDevice:
    name = name_token(view.name)
    if name in used:
        name = view.id
    used.add(name)
    about = About(view.id, name, f"cnc-copilot.{view.id}", description=view.name)
    return MachineDevice(about, view.schemas)
