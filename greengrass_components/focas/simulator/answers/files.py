"""Files and folders."""

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.frame import body_limit
from greengrass_components.focas.protocol.functions import files, program
from greengrass_components.focas.protocol.text import decode_text
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, DATA, LENGTH, REJECTED, Refusal

PAGE_BYTES = 1000
DIRECTORIES = 50
UNIT_BYTES = {0: PAGE_BYTES, 1: 1, 2: 1024, 3: 1024 * 1024}
MOST_LINES = 200


def _path(request: Request, *, size: int = program.PATH_SIZE) -> str:
    """The name a request carries. Raises Refusal: 2 wrong size, 5 no full path."""
    if len(request.data) != size:
        raise Refusal(LENGTH)
    path = decode_text(request.data[: program.PATH_SIZE])
    if not path.startswith("//"):
        raise Refusal(DATA)
    return path


def _units(size: int, unit: int) -> int:
    if unit not in UNIT_BYTES:
        raise Refusal(ATTRIBUTE)
    return -(-size // UNIT_BYTES[unit])


@shows(files.DRIVES)
def drives(cnc: Cnc) -> bytes:
    return files.encode_drives(cnc.programs.drives)


@answers(files.DRIVE_INFO)
def drive_information(cnc: Cnc, request: Request) -> bytes:
    name = _path(request, size=files.DRIVE_SIZE).strip("/")
    if name not in cnc.programs.drives:
        raise Refusal(DATA)
    used = sum(_units(len(file.text), request.a1) for file in cnc.programs.files.values())
    directories = len(cnc.programs.folders)
    return files.encode_drive_info(
        files.DriveInfo(used, _units(cnc.programs.capacity, request.a1), directories, DIRECTORIES)
    )


@answers(files.READ_FOLDER)
def current_folder(cnc: Cnc, request: Request) -> bytes:
    if request.a1 not in cnc.programs.current:
        raise Refusal(ATTRIBUTE)
    return program.encode_path(cnc.programs.current[request.a1])


@answers(files.WRITE_FOLDER)
def change_folder(cnc: Cnc, request: Request) -> bytes:
    if request.a1 not in cnc.programs.current:
        raise Refusal(ATTRIBUTE)
    cnc.programs.current[request.a1] = cnc.programs.folder(_path(request))
    return b""


@answers(files.COUNT)
def count(cnc: Cnc, request: Request) -> bytes:
    folder = cnc.programs.folder(_path(request))
    folders, inside = len(cnc.programs.subfolders(folder)), len(cnc.programs.names(folder))
    return folders.to_bytes(4, "big") + inside.to_bytes(4, "big")


@answers(files.SUBFOLDERS)
def subfolders(cnc: Cnc, request: Request) -> bytes:
    folder = cnc.programs.folder(_path(request))
    _check_page(request)
    fitting = (body_limit(cnc.persona.version) - 18) // files.SUBFOLDER.size
    names = cnc.programs.subfolders(folder)[request.a1 :][: min(request.a2, fitting)]
    return files.encode_subfolders(
        [files.Subfolder(name, bool(cnc.programs.subfolders(f"{folder}{name}/"))) for name in names]
    )


def _check_page(request: Request) -> None:
    if request.a1 < 0:
        raise Refusal(DATA)
    if request.a2 < 1:
        raise Refusal(LENGTH)


@answers(files.ENTRIES)
def entries(cnc: Cnc, request: Request) -> bytes:
    folder = cnc.programs.folder(_path(request))
    _check_page(request)
    full = request.a3 == 1
    _units(0, request.a4)  # refuses a unit that does not exist, in an empty folder too
    folders, names = cnc.programs.subfolders(folder), cnc.programs.names(folder)
    fitting = (body_limit(cnc.persona.version) - 18) // files.ENTRY.size
    until = request.a1 + min(request.a2, fitting)
    found = [files.Entry(name, is_file=False) for name in folders[request.a1 : until]]
    wanted = names[max(request.a1 - len(folders), 0) : max(until - len(folders), 0)]
    found += [_entry(cnc, folder + name, full=full, unit=request.a4) for name in wanted]
    return files.encode_entries(found)


def _entry(cnc: Cnc, path: str, *, full: bool, unit: int) -> files.Entry:
    name, file = path.rsplit("/", 1)[-1], cnc.programs.get(path)
    if not full:
        return files.Entry(name, is_file=True)
    at = file.modified
    when = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return files.Entry(name, True, _units(len(file.text), unit), file.comment, when, file.attributes)


@answers(files.ADD)
def add(cnc: Cnc, request: Request) -> bytes:
    cnc.programs.add(_path(request), now=cnc.now)
    return b""


@answers(files.DELETE)
def delete(cnc: Cnc, request: Request) -> bytes:
    path = _path(request)
    if cnc.in_use(path):
        raise Refusal(REJECTED)
    cnc.programs.delete(path)
    cnc.forget(path)
    return b""


@answers(files.RENAME)
def rename(cnc: Cnc, request: Request) -> bytes:
    path = _path(request, size=program.PATH_SIZE + files.NAME_SIZE)
    if cnc.in_use(path):
        raise Refusal(REJECTED)
    cnc.programs.rename(path, decode_text(request.data[program.PATH_SIZE :]))
    cnc.forget(path)
    return b""


@answers(files.SELECT_MAIN)
def select_main(cnc: Cnc, request: Request) -> bytes:
    path = _path(request)
    cnc.programs.get(path)
    cnc.select(path)
    return b""


@answers(files.LINES)
def lines(cnc: Cnc, request: Request) -> bytes:
    text = cnc.programs.get(_path(request)).text + "%"
    if request.a1 < 0 or not 1 <= request.a2 <= MOST_LINES:
        raise Refusal(LENGTH)
    wanted = text.splitlines(keepends=True)[request.a1 : request.a1 + request.a2]
    return "".join(wanted).encode("ascii", "replace")
