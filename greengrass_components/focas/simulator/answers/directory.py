"""Program directory by O number."""

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.frame import body_limit
from greengrass_components.focas.protocol.functions import directory
from greengrass_components.focas.protocol.functions.directory import ProgramEntry
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, DATA, LENGTH, REJECTED, Refusal


def entry(cnc: Cnc, number: int) -> ProgramEntry:
    """What the directory says about one program."""
    file = cnc.programs.get(cnc.programs.path_of(number))
    at = file.modified
    return ProgramEntry(number, len(file.text), file.comment, (at.year, at.month, at.day, at.hour, at.minute))


@answers(directory.DIRECTORY)
def programs(cnc: Cnc, request: Request) -> bytes:
    if request.a3 not in (0, 1, 2, 3):
        raise Refusal(ATTRIBUTE)
    if request.a2 < 1:
        raise Refusal(LENGTH)
    fitting = (body_limit(cnc.persona.version) - 18) // directory.RECORD.size
    most = min(request.a2, cnc.persona.directory_page, fitting)
    numbers = [n for n in cnc.programs.numbers(cnc.programs.current[1]) if n >= request.a1]
    return directory.encode_directory([entry(cnc, number) for number in numbers[:most]])


@shows(directory.INFO)
def memory(cnc: Cnc) -> bytes:
    registered = len(cnc.programs.files)
    return directory.encode_memory(
        directory.ProgramMemory(registered, cnc.programs.most - registered, cnc.programs.used, cnc.programs.unused)
    )


@answers(directory.SEARCH)
def search(cnc: Cnc, request: Request) -> bytes:
    try:
        path = cnc.programs.path_of(request.a1)
    except Refusal as missing:
        raise Refusal(DATA) from missing  # observed without a detail, unlike deleting
    cnc.select(path)
    return b""


@answers(directory.DELETE)
def delete(cnc: Cnc, request: Request) -> bytes:
    path = cnc.programs.path_of(request.a1)
    if cnc.in_use(path):
        raise Refusal(REJECTED)
    cnc.programs.delete(path)
    cnc.forget(path)
    return b""
