"""Thousands of programs, listed in pages of any size."""

import pytest

from greengrass_components.focas.client.listing import all_entries, all_programs
from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions.directory import DIRECTORY, ProgramEntry, encode_directory
from greengrass_components.focas.simulator import Persona, StandaloneControl
from greengrass_components.focas.simulator.answers.registry import TABLE
from greengrass_components.focas.simulator.cnc import Cnc
from tests.focas.conftest import MakeClient, MakeSimulator

HOME = "//CNC_MEM/USER/PATH1/"
NUMBERS = [*range(2000, 5000), 12345678]


def full() -> StandaloneControl:
    return StandaloneControl(programs={number: f"O{number:04d}(P)\nM30\n" for number in NUMBERS})


@pytest.mark.parametrize("page", [8, 19, 40])
async def test_every_program_is_listed_once(page: int, simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(full(), Persona(directory_page=page)))
    listed = [entry.number async for entry in all_programs(client)]
    assert listed == [1, 100, 1234, *NUMBERS]


async def test_the_folder_lists_the_same_files(simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(full()))
    names = [entry.name async for entry in all_entries(client, HOME)]
    assert len(names) == len(set(names)) == len(NUMBERS) + 3


async def test_a_folder_with_folders_and_files_loses_none_at_the_seam(
    simulate: MakeSimulator, connect: MakeClient
) -> None:
    simulator = await simulate()
    programs = simulator.cnc.programs
    for number in range(13):
        programs.add(f"//CNC_MEM/MTB1/F{number:02d}/", now=simulator.cnc.now)
        programs.add(f"//CNC_MEM/MTB1/O{number:04d}", now=simulator.cnc.now)
    entries = [entry async for entry in all_entries(await connect(simulator), "//CNC_MEM/MTB1/")]
    assert [entry.is_file for entry in entries] == [False] * 13 + [True] * 13
    assert len({entry.name for entry in entries}) == 26


async def test_a_directory_that_starts_again_is_an_error_and_no_endless_loop(
    simulate: MakeSimulator, connect: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def same(_: Cnc, __: Request) -> bytes:
        return encode_directory([ProgramEntry(7, 1, "", (2026, 1, 1, 0, 0))])

    monkeypatch.setitem(TABLE, (1, DIRECTORY), same)
    client = await connect(await simulate())
    with pytest.raises(MalformedReply, match="from 8 on"):
        [entry async for entry in all_programs(client)]
