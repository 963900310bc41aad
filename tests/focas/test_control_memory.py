"""What a simulated control keeps, and what it refuses with which code; through the client, over a socket."""

from datetime import date, time
from typing import Any

import pytest

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.errors import Refused
from greengrass_components.focas.protocol.blocks import Call, Reply, Request, one
from greengrass_components.focas.protocol.functions import (
    alarms,
    axes,
    clock,
    directory,
    files,
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
from greengrass_components.focas.protocol.functions.parameters import ALL, Record
from greengrass_components.focas.protocol.functions.pmc import Area, Width
from greengrass_components.focas.protocol.values import VACANT, Value
from greengrass_components.focas.simulator import Persona, StandaloneControl
from greengrass_components.focas.simulator.standalone import StandaloneAlarm, StandaloneAxis
from tests.focas import operator_client
from tests.focas.conftest import MakeClient, MakeSimulator

HOME = "//CNC_MEM/USER/PATH1/"
RAW = one(Request(0x7777), bytes)


async def refusal(client: FocasClient, call: Call[Any]) -> tuple[int, int]:
    with pytest.raises(Refused) as refused:
        await client.call(call)
    return refused.value.code, refused.value.detail1


# -- what a believable control has --


@pytest.mark.parametrize(
    ("number", "axis", "kind"), [(20, 0, 1), (6711, 0, 3), (6712, 0, 3), (6713, 0, 3), (6750, 0, 3), (6752, 0, 3),
                                 (6754, 0, 3), (6757, 0, 3), (6758, 0, 3), (3281, 0, 1), (1320, -1, 4), (1825, -1, 2)]
)  # fmt: skip
async def test_parameters_that_monitoring_reads(number: int, axis: int, kind: int, client: FocasClient) -> None:
    record = await client.call(parameters.rdparam(number, axis))
    assert (record.number, record.axis, record.type) == (number, axis, kind)


@pytest.mark.parametrize(
    ("number", "axis", "kind"), [(300, -1, 2), (301, 1, 5), (308, -1, 0), (309, -1, 0), (403, 1, 0), (410, 1, 1),
                                 (4901, -1, 2)]
)  # fmt: skip
async def test_diagnoses_that_monitoring_reads(number: int, axis: int, kind: int, client: FocasClient) -> None:
    record = await client.call(parameters.diagnoss(number, axis))
    assert (record.number, record.axis, record.type) == (number, axis, kind)


@pytest.mark.parametrize("area", [Area.G, Area.F, Area.Y, Area.X, Area.R, Area.K, Area.D])
async def test_pmc_areas_are_readable_from_address_0(area: Area, client: FocasClient) -> None:
    assert len(await client.call(pmc.rdpmcrng(area, 0, 8))) == 8


async def test_modal_data_names_the_tool(client: FocasClient) -> None:
    words = {word.address: word.value for word in await client.call(modal.rdcommand())}
    assert words["T"] == 5
    assert (await client.call(modal.modal_word(modal.WORD_INDEX["T"]))) == [5]


async def test_twenty_four_groups_one_of_them_with_a_decimal(client: FocasClient) -> None:
    codes = await client.call(modal.rdgcode())
    assert len(codes) == 24
    assert (codes[0].text, codes[13].text, codes[17].text) == ("G01", "G54", "G40.1")
    assert (await client.call(modal.rdgcode(13))) == [codes[13]]


async def test_the_same_position_whichever_way_it_is_asked(client: FocasClient) -> None:
    dynamic, shown = await client.call(axes.rddynamic2()), await client.call(axes.rdposition())
    single = [(await client.call(axes.position(axes.Kind.ABSOLUTE, n)))[0] for n in (1, 2, 3)]
    assert dynamic.absolute[:3] == shown.absolute == single
    assert shown.names == await client.call(axes.rdaxisname()) == ["X", "Y", "Z"]
    assert (await client.call(axes.rddynamic2(2))).machine == [single_machine := dynamic.machine[1]]
    assert single_machine.number == -200.0


async def test_every_spindle_value_has_its_place(client: FocasClient) -> None:
    kinds = {kind: (await client.call(spindle.spindle(kind)))[0].data for kind in spindle.Kind}
    assert kinds == {0: 45, 1: 12000, 2: 100, 3: 8000, 4: 45, 5: 8000, 7: 8000}


# -- writing reads back --


@pytest.mark.parametrize(
    ("record", "axis"),
    [
        (Record(20, 0, 1, (Value(5),)), 0),
        (Record(6713, 0, 3, (Value(123456),)), 0),
        (Record(1320, 2, 4, (Value(-12345, 3),)), 2),
        (Record(1825, 3, 2, (Value(-7),)), 3),
    ],
)
async def test_a_written_parameter_reads_back(record: Record, axis: int, client: FocasClient) -> None:
    info = await client.call(parameters.rdparainfo3(record.number))
    assert (info.type, info.per_axis) == (record.type, axis > 0)
    await client.call(parameters.wrparam(record))
    assert (await client.call(parameters.rdparam(record.number, axis))).value == record.value


async def test_writing_one_axis_leaves_the_others(client: FocasClient) -> None:
    before = await client.call(parameters.rdparam(1320, ALL))
    await client.call(parameters.wrparam(Record(1320, 2, 4, (Value(1, 3),))))
    after = await client.call(parameters.rdparam(1320, ALL))
    assert [a == b for a, b in zip(before.values, after.values, strict=True)][:3] == [True, False, True]


async def test_the_part_counter_goes_on_from_what_was_written(simulate: MakeSimulator, connect: MakeClient) -> None:
    control = StandaloneControl()
    client = await connect(await simulate(control))
    await client.call(parameters.wrparam(Record(6711, 0, 3, (Value(0),))))
    control.part_count += 2
    assert (await client.call(parameters.rdparam(6711))).value.data == 2


@pytest.mark.parametrize("value", [Value(123456, 3), Value(-5), VACANT, Value(0)])
async def test_a_written_macro_reads_back(value: Value, client: FocasClient) -> None:
    await client.call(macros.wrmacro(502, value))
    assert await client.call(macros.rdmacro(502)) == value


async def test_macros_as_doubles_and_as_values_are_the_same(client: FocasClient) -> None:
    assert await client.call(macros.wrmacror2(500, [1.5, -2.25])) == 2
    assert [v.number for v in await client.call(macros.rdmacror(500, 501))] == [1.5, -2.25]
    assert await client.call(macros.rdmacror2(500, 2)) == [1.5, -2.25]


async def test_the_two_numberings_of_tool_offsets_meet(client: FocasClient) -> None:
    await client.call(offsets.wrtofs(2, 3, -12345))  # geometry length
    assert (await client.call(offsets.rdtofs(2, 3))).number == -12.345
    assert [v.data for v in await client.call(offsets.rdtofsr(1, 3, 0))] == [1003, -12345, 3003]


async def test_a_written_work_offset_reads_back_for_its_axis_only(client: FocasClient) -> None:
    before = [v.data for v in await client.call(offsets.rdzofs(1))][:3]
    await client.call(offsets.wrzofs(1, 2, -4321))
    after = [v.data for v in await client.call(offsets.rdzofs(1))][:3]
    assert after == [before[0], -4321, before[2]]


@pytest.mark.parametrize(
    ("area", "first", "numbers", "width"),
    [
        (Area.R, 100, [1, 2, 3, 250], Width.BYTE),
        (Area.D, 100, [258, -2], Width.WORD),
        (Area.D, 200, [66051, -70000], Width.LONG),
    ],
)
async def test_written_cells_read_back(
    area: Area, first: int, numbers: list[int], width: Width, client: FocasClient
) -> None:
    await client.call(operator_client.write_pmc(area, first, numbers, width))
    assert await client.call(pmc.rdpmcrng(area, first, len(numbers), width)) == numbers


async def test_the_clock_can_be_set_and_goes_on(client: FocasClient) -> None:
    await client.call(operator_client.set_date(date(2031, 2, 3)))
    await client.call(operator_client.set_time(time(4, 5, 6)))
    assert await client.call(clock.gettimer_date()) == date(2031, 2, 3)
    assert (await client.call(clock.gettimer_time())).replace(second=0) == time(4, 5)


async def test_a_selected_program_is_main_until_the_machine_changes_it(
    simulate: MakeSimulator, connect: MakeClient
) -> None:
    control = StandaloneControl()
    client = await connect(await simulate(control))
    await client.call(operator_client.select_main(HOME + "O1234"))
    assert (await client.call(program.rdprgnumo8())).main == 1234
    assert await client.call(program.pdf_rdmain()) == HOME + "O1234"
    control.main_program_number = 100
    assert (await client.call(program.rdprgnumo8())).main == 100


# -- refusals --

REFUSALS: list[tuple[str, Call[Any], int, int]] = [
    ("no such function", RAW, 1, 0),
    ("old parameter code on a new control", one(Request(0x0E, 20, 20), bytes), 1, 0),
    ("parameter absent", parameters.rdparam(31999), 3, 0),
    ("parameter of an axis that is not there", parameters.rdparam(1320, 4), 4, 0),
    ("axis parameter without an axis", parameters.rdparam(1320, 0), 4, 0),
    ("information about a parameter absent", parameters.rdparainfo3(31999), 3, 0),
    ("writing a parameter absent", parameters.wrparam(Record(31999, 0, 3, (Value(1),))), 3, 0),
    ("writing with a wrong type", parameters.wrparam(Record(20, 0, 3, (Value(1),))), 4, 0),
    ("writing a byte beyond its range", parameters.wrparam(Record(20, 0, 1, (Value(256),))), 5, 0),
    ("writing too little", one(Request(0x8E, data=bytes(12)), bytes), 2, 0),
    ("diagnosis absent", parameters.diagnoss(31999), 3, 0),
    ("diagnosis of a spindle that is not there", parameters.diagnoss(403, 2), 4, 0),
    ("macro absent", macros.rdmacro(99), 3, 0),
    ("macros across the end of a range", macros.rdmacror(198, 201), 3, 0),
    ("too many macros", macros.rdmacror(500, 700), 2, 0),
    ("writing a system variable", macros.wrmacro(5021, Value(1)), 7, 0),
    ("writing a macro with half a value", one(Request(0x16, 500, 500, data=bytes(4)), bytes), 2, 0),
    ("tool offset absent", offsets.rdtofs(9999, 0), 3, 0),
    ("tool offset of a type absent", offsets.rdtofs(1, 9), 4, 0),
    ("work offset absent", offsets.rdzofs(99), 3, 0),
    ("work offset of an axis absent", offsets.rdzofs(1, 9), 4, 0),
    ("position of an axis absent", axes.position(axes.Kind.MACHINE, 9), 4, 0),
    ("position of axis 0", axes.position(axes.Kind.MACHINE, 0), 4, 0),
    ("position of a kind absent", one(Request(0x26, 5, 1), bytes), 4, 0),
    ("spindle absent", spindle.spindle(spindle.Kind.ACTUAL_SPEED, 3), 4, 0),
    ("PMC out of range", pmc.rdpmcrng(Area.D, 60000, 1), 3, 0),
    ("PMC area absent", one(Request(0x8001, 0, 0, 77, module=2), bytes), 4, 0),
    ("PMC range that the width does not divide", one(Request(0x8001, 0, 2, 5, 1, module=2), bytes), 2, 0),
    ("timer absent", one(Request(0x120, 9), bytes), 4, 0),
    ("alarm text beyond reason", alarms.rdalmmsg2(text_length=5000), 2, 0),
    ("searching a program absent", operator_client.search(7654), 5, 0),
    ("deleting a program absent", directory.delete(7654), 5, 2),
    ("selecting a program absent", operator_client.select_main(HOME + "O7654"), 5, 2),
    ("deleting a file absent", files.pdf_del(HOME + "O7654"), 5, 2),
    ("deleting the running program", directory.delete(1), 13, 0),
    ("adding a file that exists", files.pdf_add(HOME + "O0100"), 5, 4),
    ("renaming to a file that exists", files.pdf_rename(HOME + "O0100", "O1234"), 5, 4),
    ("a folder absent", files.rdpdf_alldir("//CNC_MEM/NOPE/"), 5, 1),
    ("a path that is none", files.rdpdf_subdirn("USER"), 5, 0),
    ("a drive absent", files.rdpdf_inf("//TAPE/"), 5, 0),
    ("a path of the control absent", status.statinfo().on_path(2), 11, 0),
]


@pytest.mark.parametrize(("why", "call", "code", "detail"), REFUSALS, ids=[row[0] for row in REFUSALS])
async def test_refusals_have_the_right_code(
    why: str, call: Call[Any], code: int, detail: int, client: FocasClient
) -> None:
    assert await refusal(client, call) == (code, detail)
    assert (await client.call(status.statinfo())).run == 3


async def test_one_refused_block_leaves_the_others_answered(client: FocasClient) -> None:
    status_found, refused, feed = await client.ask([status.statinfo(), RAW, axes.actf()])
    assert (status_found.run, refused.code, feed.number) == (3, 1, 1500)
    assert refused.permanent


async def test_a_missing_option_is_told_apart_from_a_missing_function(
    simulate: MakeSimulator, connect: MakeClient
) -> None:
    persona = Persona(no_option=frozenset({0x97}), refused=frozenset({0x23}))
    client = await connect(await simulate(persona=persona))
    assert await refusal(client, modal.rdcommand()) == (6, 0)
    assert await refusal(client, alarms.rdalmmsg2()) == (1, 0)


async def test_answers_that_do_not_fit_the_frame_are_refused_one_by_one(client: FocasClient) -> None:
    replies = await client._exchange([Request(0x26, 1, -1)] * 12)
    assert [reply.code for reply in replies] == [0] * 10 + [2, 2]
    assert all(isinstance(reply, Reply) for reply in replies)


# -- alarms and machine kinds --


async def test_alarms_are_filtered_by_type_and_count(simulate: MakeSimulator, connect: MakeClient) -> None:
    control = StandaloneControl(alarms=[StandaloneAlarm(417, 6, 1, "SERVO"), StandaloneAlarm(1001, 15, 0, "DOOR")])
    client = await connect(await simulate(control))
    assert await client.call(alarms.alarm2()) == 1 << 6 | 1 << 15
    assert [a.number for a in await client.call(alarms.rdalmmsg2())] == [417, 1001]
    assert [a.number for a in await client.call(alarms.rdalmmsg2(15))] == [1001]
    assert [a.number for a in await client.call(alarms.rdalmmsg2(-1, 1))] == [417]
    control.alarms.clear()
    assert await client.call(alarms.rdalmmsg2()) == []
    assert (await client.call(status.statinfo())).alarm == 0


async def test_no_operator_message_is_no_message(simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(StandaloneControl(messages=[])))
    assert await client.call(alarms.rdopmsg()) == []
    assert await client.call(alarms.rdopmsg3()) == []


async def test_a_lathe_is_a_turning_control(simulate: MakeSimulator, connect: MakeClient) -> None:
    lathe = StandaloneControl(
        kind="lathe", axes=[StandaloneAxis("X"), StandaloneAxis("Z"), StandaloneAxis("C", rotary=True)]
    )
    client = await connect(await simulate(lathe))
    assert (await client.call(identity.sysinfo())).mt_type == "T"
    assert (await client.call(status.statinfo())).tmmode == 0
    assert (await client.call(offsets.rdtofs(1, 9))).data == 1009


async def test_operating_is_obeyed_only_by_a_machine_that_offers_it(
    simulate: MakeSimulator, connect: MakeClient
) -> None:
    control = StandaloneControl()
    client = await connect(await simulate(control))
    await client.call(operator_client.reset())
    assert (await client.call(status.statinfo())).run == 0
    control.emergency = 1
    assert await refusal(client, operator_client.start()) == (13, 0)
