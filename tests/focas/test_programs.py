"""Programs: listed by both generations, uploaded, downloaded, deleted, and broken off in the middle."""

import asyncio
import struct

import pytest

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.errors import MalformedFrame, TransferRefused
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.functions import directory, files
from greengrass_components.focas.protocol.functions.status import statinfo
from greengrass_components.focas.protocol.session import Role
from greengrass_components.focas.protocol.transfer import program_text, start_frame
from greengrass_components.focas.simulator import Persona, StandaloneControl
from tests.focas.conftest import MakeClient, MakeSimulator
from tests.focas.wire import Wire

HOME = "//CNC_MEM/USER/PATH1/"
TEXT = b"\nO7777(NEW)\nG1F0.3W10.\nM30\n%"
LONG = b"\nO7778(LONG)\n" + b"".join(b"N%dG1X%d.\n" % (n, n) for n in range(2000)) + b"M30\n%"
MANY = StandaloneControl(programs={n: f"O{n}(PART {n})\nM30\n" for n in range(2000, 2100)})


async def pages(client: FocasClient) -> list[directory.ProgramEntry]:
    found: list[directory.ProgramEntry] = []
    first = 0
    while page := await client.call(directory.rdprogdir3(first, 200)):
        found += page
        first = page[-1].number + 1
    return found


@pytest.mark.parametrize(
    "text", [TEXT, LONG, b"%" + TEXT, TEXT.replace(b"\n", b"\r\n")], ids=["short", "long", "%", "crlf"]
)
async def test_a_downloaded_program_is_listed_uploaded_and_deleted(text: bytes, client: FocasClient) -> None:
    transfer = await client.transfer()
    await transfer.download(HOME, text)
    number = int(text.split(b"O")[1][:4])
    entry = next(entry for entry in await pages(client) if entry.number == number)
    uploaded = await transfer.upload(f"O{number}")
    assert uploaded.startswith(b"%\n")
    assert uploaded.endswith(b"\n%")
    assert program_text(uploaded) == program_text(text)
    assert entry.length == len(program_text(text))
    await client.call(directory.delete(number))
    assert number not in [entry.number for entry in await pages(client)]


async def test_both_directories_tell_the_same_programs(client: FocasClient) -> None:
    by_number = await pages(client)
    by_name = [entry for entry in await client.call(files.rdpdf_alldir(HOME)) if entry.is_file]
    assert [(e.number, e.length, e.comment) for e in by_number] == [
        (int(e.name[1:]), e.size, e.comment) for e in by_name
    ]
    assert (await client.call(files.rdpdf_subdirn(HOME))) == (0, len(by_number))
    assert (await client.call(directory.rdproginfo())).registered == len(by_number)


@pytest.mark.parametrize("page", [8, 40])
async def test_a_large_directory_is_paged_to_its_end(page: int, simulate: MakeSimulator, connect: MakeClient) -> None:
    client = await connect(await simulate(MANY, Persona(directory_page=page)))
    numbers = [entry.number for entry in await pages(client)]
    assert numbers == sorted({1, 100, 1234, *range(2000, 2100)})
    seen: list[str] = []
    while found := await client.call(files.rdpdf_alldir(HOME, len(seen), 50)):
        seen += [entry.name for entry in found]
    assert [int(name[1:]) for name in seen] == numbers


async def test_folders_drives_and_renaming(client: FocasClient) -> None:
    assert await client.call(files.rdpdf_drive()) == ["CNC_MEM"]
    assert [f.name for f in await client.call(files.rdpdf_subdir("//CNC_MEM/USER/"))] == ["PATH1", "LIBRARY"]
    await client.call(files.pdf_add("//CNC_MEM/USER/LIBRARY/JIG.NC"))
    await client.call(files.pdf_rename("//CNC_MEM/USER/LIBRARY/JIG.NC", "JIG2.NC"))
    assert [e.name for e in await client.call(files.rdpdf_alldir("//CNC_MEM/USER/LIBRARY/"))] == ["JIG2.NC"]
    await client.call(files.pdf_del("//CNC_MEM/USER/LIBRARY/JIG2.NC"))
    assert await client.call(files.rdpdf_alldir("//CNC_MEM/USER/LIBRARY/")) == []


async def test_lines_of_a_program(client: FocasClient) -> None:
    assert await client.call(files.rdpdf_line(HOME + "O0001", 1, 2)) == "G90G54\nM98P100\n"


# -- refusals of a transfer, with the codes of a control --


@pytest.mark.parametrize(
    ("folder", "text", "code", "detail"),
    [
        (HOME, b"\nO0100(AGAIN)\nM30\n%", 5, 4),
        ("//CNC_MEM/NOPE/", TEXT, 5, 1),
        (HOME, b"\nG90\nM30\n%", 5, 1),
        (HOME, b"O7777\nM30\n", 5, 1),
        (HOME, b"\nO7777\nM30\n", 5, 1),
        (HOME, b"\nO7777(\xff)\nM30\n%", 5, 1),
        (HOME, b"", 5, 1),
    ],
    ids=["exists", "no folder", "no O word", "no line feed first", "no end", "bad character", "nothing"],
)
async def test_a_refused_download_says_why_and_keeps_nothing(
    folder: str, text: bytes, code: int, detail: int, client: FocasClient
) -> None:
    before = await pages(client)
    transfer = await client.transfer()
    with pytest.raises(TransferRefused) as refused:
        await transfer.download(folder, text)
    assert (refused.value.code, refused.value.detail1) == (code, detail)
    assert await pages(client) == before
    await transfer.download(HOME, TEXT)


async def test_uploading_a_missing_program_is_refused_with_5(client: FocasClient) -> None:
    transfer = await client.transfer()
    for name in ("O7654", HOME + "O7654", "//CNC_MEM/NOPE/"):
        with pytest.raises(TransferRefused) as refused:
            await transfer.upload(name)
        assert refused.value.code == 5
    assert await transfer.upload("O0100")


async def test_a_program_larger_than_the_memory_is_broken_off(client: FocasClient) -> None:
    transfer = await client.transfer()
    with pytest.raises(TransferRefused) as refused:
        await transfer.download(HOME, b"\nO7777\n" + b"G1X1.\n" * 200_000 + b"%")
    assert refused.value.code == 8
    assert 7777 not in [entry.number for entry in await pages(client)]


async def test_an_upload_longer_than_wanted_is_given_up(client: FocasClient) -> None:
    await (await client.transfer()).download(HOME, LONG)
    with pytest.raises(MalformedFrame, match="longer than 2000"):
        await (await client.transfer()).upload("O7778", most_bytes=2000)
    assert program_text(await (await client.transfer()).upload("O7778")) == program_text(LONG)


async def test_commands_are_answered_during_a_transfer(client: FocasClient) -> None:
    transfer = await client.transfer()
    await transfer.download(HOME, LONG)
    uploading = asyncio.create_task(transfer.upload("O7778"))
    while not uploading.done():
        assert (await client.call(statinfo())).run == 3
        await asyncio.sleep(0)
    assert len(await uploading) > 20_000


# -- the transfer connection itself --


async def test_an_upload_aborted_in_the_middle_lets_the_next_one_start_at_once(simulate: MakeSimulator) -> None:
    async with Wire(
        await simulate(StandaloneControl(programs={50: "O0050\n" + "G1X1.\n" * 100_000 + "M30\n"}))
    ) as wire:
        await wire.opened(Role.TRANSFER)
        assert (await wire.ask(start_frame(Type.START_UPLOAD, b"N:O0050"))).kind == "1502"
        assert (await wire.read()).kind == "1604"
        await wire.send(Frame(Type.ABORT_UPLOAD, Direction.DATA, bytes(8)).encode())
        await wire.send(start_frame(Type.START_UPLOAD, b"N:O0100").encode())
        kinds = []
        while (frame := await wire.read()).kind != "1701":
            kinds.append(frame.kind)
        assert kinds.count("1502") == 1
        assert set(kinds[kinds.index("1502") :]) == {"1502", "1604"}


async def test_the_old_forms_without_a_prefix_are_understood(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.TRANSFER)
        assert (await wire.ask(start_frame(Type.START_UPLOAD, b"O1-O100"))).kind == "1502"
        assert b"O0001(MAIN)" in (await wire.read()).body
        assert (await wire.read()).kind == "1701"
        await wire.send(Frame(Type.END_UPLOAD, Direction.REPLY).encode())
        assert (await wire.ask(start_frame(Type.START_DOWNLOAD, b""))).kind == "1102"


async def test_a_second_start_within_a_transfer_is_busy(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.TRANSFER)
        start = start_frame(Type.START_DOWNLOAD, b"N:")
        assert (await wire.ask(start)).kind == "1102"
        refusal = await wire.ask(start)
        assert (refusal.kind, struct.unpack(">4h", refusal.body)[1]) == ("1103", -1)


@pytest.mark.parametrize("frames", range(4))
async def test_a_download_cut_at_any_frame_leaves_no_program(
    frames: int, simulate: MakeSimulator, connect: MakeClient
) -> None:
    simulator = await simulate()
    sent = [
        start_frame(Type.START_DOWNLOAD, b"N:" + HOME.encode()),
        Frame(Type.DOWNLOAD_DATA, Direction.DATA, TEXT[:10]),
        Frame(Type.DOWNLOAD_DATA, Direction.DATA, TEXT[10:]),
    ][:frames]
    async with Wire(simulator) as wire:
        await wire.opened(Role.TRANSFER)
        await wire.send(b"".join(frame.encode() for frame in sent))
    client = await connect(simulator)
    assert 7777 not in [entry.number for entry in await pages(client)]
