"""Controls of PDU version 2 and below: other codes and shorter records, recorded requests, whole readings."""

from typing import Any

import pytest

from greengrass_components.focas.errors import Refused
from greengrass_components.focas.protocol.blocks import Call, encode_body
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.functions import (
    alarms,
    axes,
    clock,
    directory,
    identity,
    macros,
    modal,
    offsets,
    parameters,
    pmc,
    program,
    spindle,
    status,
)
from greengrass_components.focas.protocol.functions.parameters import ALL
from greengrass_components.focas.protocol.functions.pmc import Area, Width
from greengrass_components.focas.protocol.session import Dialect
from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator import PERSONAS
from tests.focas.conftest import MakeClient, MakeSimulator
from tests.focas.recorded import OLD_REQUESTS

OLD = Dialect(version=2, max_axes=8, max_spindles=4)
RECORDED = {raw for _, raw in OLD_REQUESTS}
CALLS: list[tuple[str, Call[Any]]] = [
    ("statinfo", status.statinfo()),
    ("statinfo2", status.statinfo2()),
    ("alarm2", alarms.alarm2()),
    ("rdalmmsg", alarms.rdalmmsg2(text_length=32)),
    ("rdalmmsg2", alarms.rdalmmsg2()),
    ("rdopmsg", alarms.rdopmsg()),
    ("rdopmsg3", alarms.rdopmsg(-1)),
    ("rdprgnum", program.rdprgnumo8()),
    ("rdseqnum", program.rdseqnum()),
    ("exeprgname", program.exeprgname()),
    ("exeprgname2", program.exeprgname2()),
    ("rdexecprog", program.rdexecprog()),
    ("rdcncid", identity.rdcncid()),
    ("rddynamic2 all", axes.rddynamic2()),
    ("rddynamic2 one", axes.rddynamic2(1)),
    ("rdaxisname", axes.rdaxisname()),
    ("rdspdlname", spindle.rdspdlname()),
    ("absolute", axes.position(axes.Kind.ABSOLUTE)),
    ("actf", axes.actf()),
    ("acts", spindle.acts()),
    ("rdparam 1320", parameters.rdparam(1320, ALL, dialect=OLD)),
    ("rdparar", parameters.rdparar(20, 22, dialect=OLD)),
    ("diagnoss 308", parameters.diagnoss(308, ALL, dialect=OLD)),
    ("diagnoss 403", parameters.diagnoss(403, 1, dialect=OLD)),
    ("rdmacro", macros.rdmacro(500)),
    ("wrmacro in base 2", macros.wrmacro(500, Value(0x7B74BC6A, 24, 2))),
    ("rdtimer", clock.rdtimer(clock.Timer.CYCLE)),
    ("rdpmcrng", pmc.rdpmcrng(Area.D, 100, 2, Width.WORD)),
    ("rdtofs", offsets.rdtofs(1, 3)),
    ("rdgcode", modal.rdgcode(block=0)),
    ("rdcommand", modal.rdcommand()),
    ("rdprogdir3", directory.rdprogdir3(1, 10)),
]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[name for name, _ in CALLS])
def test_the_bytes_are_those_the_vendors_library_sends_to_an_old_control(name: str, call: Call[Any]) -> None:
    assert Frame(Type.COMMAND, Direction.REQUEST, encode_body(call.requests)).encode() in RECORDED


async def test_an_old_control_tells_its_shorter_arrays(simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(persona=PERSONAS["18i"]))
    assert client.dialect == OLD
    assert client.dialect.old
    assert (client.opening.axes, client.opening.slots[0].system) == (3, " M")
    assert len(await client.call(axes.position(axes.Kind.MACHINE))) == 8


async def test_parameters_and_diagnoses_of_an_old_control(simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(persona=PERSONAS["18i"]))
    assert (await client.call(parameters.rdparam(6711, dialect=client.dialect))).value.data == 42
    heat = await client.call(parameters.diagnoss(308, ALL, dialect=client.dialect))
    assert [value.data for value in heat.values[:3]] == [41, 42, 55]
    with pytest.raises(Refused, match="FUNC"):
        await client.call(parameters.rdparam(6711))


async def test_a_base_2_write_reads_back_as_the_same_number(simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(persona=PERSONAS["18i"]))
    await client.call(macros.wrmacro(500, Value(0x7B74BC6A, 24, 2)))
    assert (await client.call(macros.rdmacro(500))).number == 123.456
