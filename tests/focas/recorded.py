"""The recorded exchanges, and the simulated control in the state of the server that took part in them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from greengrass_components.focas.protocol.functions.parameters import DiagnosisType, ParameterType
from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator import FocasSimulator, Persona, StandaloneControl
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.memory.diagnosis import Diagnosis, Scope
from greengrass_components.focas.simulator.memory.parameters import Parameter
from greengrass_components.focas.simulator.memory.programs import HOME
from greengrass_components.focas.simulator.standalone import StandaloneAlarm

FILE = json.loads(Path(__file__).with_name("vectors.json").read_text())
AT = datetime(2026, 11, 22, 19, 30, 44, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)
GROUPS = {1: 1, 2: 17, 3: 90, 4: 94, 5: 21, 6: 40, 7: 49, 8: 80, 9: 98, 10: 50, 11: 67, 12: 97, 13: 54, 14: 64}
PARAMETERS = (20, 1320, 1825, 1851, 6711, 6712, 6713, 6750)
REFUSED = frozenset({0x46, 0xB7})  # setting the clock and renaming, refused by the recording server


@dataclass(frozen=True)
class Vector:
    """One recorded library call."""

    index: int
    function: str
    args: str
    connection: str
    rc: int
    returned: Any
    exchange: tuple[tuple[str, bytes], ...]  # (who, frame)

    def frames(self, who: str) -> list[bytes]:
        return [frame for sender, frame in self.exchange if sender.startswith(who)]

    @property
    def id(self) -> str:
        return f"{self.index}-{self.function}"


def _vector(index: int, raw: dict[str, Any]) -> Vector:
    if "exchange" in raw:
        exchange = [(who, bytes.fromhex(frame)) for who, frame in raw["exchange"]]
    else:
        pairs = zip(raw["request"], raw["response"], strict=True)
        exchange = [
            (who, bytes.fromhex(f)) for pair in pairs for who, f in zip(("client", "server"), pair, strict=True)
        ]
    return Vector(index, raw["function"], raw["args"], raw["connection"], raw["rc"], raw["returned"], tuple(exchange))


VECTORS = [_vector(index, raw) for index, raw in enumerate(FILE["vectors"])]
OLD_REQUESTS = [(raw["function"], bytes.fromhex(raw["request"])) for raw in FILE["requests_pdu_v2"]["vectors"]]


def recording_control() -> StandaloneControl:
    alarms = [StandaloneAlarm(417, 6, 1, "SERVO ALARM: PARAM"), StandaloneAlarm(1001, 15, 0, "DOOR OPEN")]
    return StandaloneControl(clock=lambda: AT, alarms=alarms, modal_g=dict(GROUPS))


def recording_simulator() -> FocasSimulator:
    persona = Persona(
        info=0x0602,
        cnc_id=(0x11223344, 0x55667788, 0x99AABBCC, 0xDDEEFF00),
        refused=REFUSED,
        tool_offsets=32,
        g_groups=14,
    )
    simulator = FocasSimulator(recording_control(), persona=persona)
    _as_recorded(simulator.cnc)
    return simulator


def _as_recorded(cnc: Cnc) -> None:
    for number in set(cnc.parameters.numbers()) - set(PARAMETERS):
        cnc.parameters.remove(number)
    cnc.parameters.define(1825, Parameter(ParameterType.WORD, [Value(3000), Value(3000), Value(3100)], per_axis=True))
    cnc.diagnoses.define(300, Diagnosis(DiagnosisType.LONG, Scope.AXIS, lambda: [Value(3), Value(-2), Value(1)]))
    cnc.diagnoses.define(
        301, Diagnosis(DiagnosisType.REAL, Scope.AXIS, lambda: [Value(10, 3), Value(20, 3), Value(30, 3)])
    )
    programs = cnc.programs
    programs.drives = ["CNC_MEM", "DATA_SV"]
    programs.files[HOME + "O1234"].text = "O1234(TEST)\n".ljust(2785, "X") + "\n"
    for file in programs.files.values():
        file.modified = WRITTEN
    cnc.executing_block = 2
