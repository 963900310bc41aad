"""Files and folders of controls from 30i and 0i-F on: the cnc_*pdf_* family.

Names are full paths in 256 bytes (`//CNC_MEM/USER/PATH1/O1234`), folders end in "/".
0xae drives: char[12] each. 0xaf (a1 0 page, 1 byte; char[12] drive): four i32 used, all, used and all directories.
0xb0 / 0xb1 current folder (a1 1 foreground, 2 background). 0xb4: i32 folders, i32 files.
0xb2 folders, 40 bytes each: i16 has folders, i16 0, char[36] name.
0xb3 entries (a1 first, a2 most, a3 0 name only 1 full, a4 size 0 page 1 byte 2 KB 3 MB), 128 bytes each:
    i16 kind (0 folder, 1 file)   6 x i16 date and time   6 bytes 0   i32 size   u32 attributes
    char[36] name   char[52] comment   char[12] machining time
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.protocol.blocks import Call, Request, exactly, nothing, one, records
from greengrass_components.focas.protocol.functions.program import PATH_SIZE, encode_path
from greengrass_components.focas.protocol.text import decode_text, encode_text

DRIVES, DRIVE_INFO, READ_FOLDER, WRITE_FOLDER, SUBFOLDERS, ENTRIES, COUNT = 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB3, 0xB4
ADD, DELETE, RENAME, SELECT_MAIN, LINES = 0xB5, 0xB6, 0xB7, 0xBA, 0xF0
DRIVE_SIZE, NAME_SIZE, COMMENT_SIZE = 12, 36, 52
SUBFOLDER = struct.Struct(">hh36s")
ENTRY = struct.Struct(">h6h6xiI36s52s12s")
DRIVE = struct.Struct(">4i")
PAGE = 10


@dataclass(frozen=True, slots=True)
class DriveInfo:
    """Room on one drive, in the unit asked for, and directories."""

    used: int
    all: int
    used_directories: int
    all_directories: int


@dataclass(frozen=True, slots=True)
class Subfolder:
    """One folder within a folder."""

    name: str
    has_folders: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder; `modified` is year .. second by the control's clock."""

    name: str
    is_file: bool
    size: int = 0
    comment: str = ""
    modified: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    attributes: int = 0


def rdpdf_drive() -> Call[list[str]]:
    """Names of the drives, without slashes."""
    return one(Request(DRIVES), lambda payload: [decode_text(raw) for raw in records(payload, DRIVE_SIZE, "drives")])


def encode_drives(names: list[str]) -> bytes:
    """Payload of 0xae."""
    return b"".join(encode_text(name, DRIVE_SIZE) for name in names)


def rdpdf_inf(drive: str, unit: int = 0) -> Call[DriveInfo]:
    """Room on a drive given as `//CNC_MEM/`."""
    return one(
        Request(DRIVE_INFO, unit, data=encode_text(drive, DRIVE_SIZE)),
        lambda payload: DriveInfo(*DRIVE.unpack(exactly(payload, DRIVE.size, "drive information"))),
    )


def encode_drive_info(info: DriveInfo) -> bytes:
    """Payload of 0xaf."""
    return DRIVE.pack(info.used, info.all, info.used_directories, info.all_directories)


def rdpdf_curdir(which: int = 1) -> Call[str]:
    """Current folder: 1 foreground, 2 background."""
    return one(Request(READ_FOLDER, which), lambda payload: decode_text(exactly(payload, PATH_SIZE, "folder")))


def rdpdf_subdirn(folder: str) -> Call[tuple[int, int]]:
    """(folders, files) in a folder."""
    return one(Request(COUNT, data=encode_path(folder)), _read_counts)


def _read_counts(payload: bytes) -> tuple[int, int]:
    folders, files = struct.unpack(">2i", exactly(payload, 8, "folder counts"))
    return folders, files


def rdpdf_subdir(folder: str, first: int = 0, count: int = PAGE) -> Call[list[Subfolder]]:
    """One page of the folders within a folder."""
    return one(Request(SUBFOLDERS, first, count, data=encode_path(folder)), _read_subfolders)


def _read_subfolders(payload: bytes) -> list[Subfolder]:
    found = []
    for record in records(payload, SUBFOLDER.size, "subfolders"):
        has_folders, _, name = SUBFOLDER.unpack(record)
        found.append(Subfolder(decode_text(name), bool(has_folders)))
    return found


def encode_subfolders(folders: list[Subfolder]) -> bytes:
    """Payload of 0xb2."""
    return b"".join(SUBFOLDER.pack(int(f.has_folders), 0, encode_text(f.name, NAME_SIZE)) for f in folders)


def rdpdf_alldir(
    folder: str, first: int = 0, count: int = PAGE, *, full: bool = True, unit: int = 1
) -> Call[list[Entry]]:
    """One page of the entries of a folder."""
    return one(Request(ENTRIES, first, count, int(full), unit, data=encode_path(folder)), decode_entries)


def decode_entries(payload: bytes) -> list[Entry]:
    """Payload of 0xb3."""
    found = []
    for record in records(payload, ENTRY.size, "folder entries"):
        kind, year, month, day, hour, minute, second, size, attributes, name, comment, _ = ENTRY.unpack(record)
        when = (year, month, day, hour, minute, second)
        found.append(Entry(decode_text(name), kind == 1, size, decode_text(comment), when, attributes))
    return found


def encode_entries(entries: list[Entry]) -> bytes:
    """Payload of 0xb3."""
    return b"".join(
        ENTRY.pack(
            int(e.is_file),
            *e.modified,
            e.size,
            e.attributes,
            encode_text(e.name, NAME_SIZE),
            encode_text(e.comment, COMMENT_SIZE),
            b"",
        )
        for e in entries
    )


def pdf_add(path: str) -> Call[None]:
    """Make an empty file, or a folder when the path ends in "/"."""
    return one(Request(ADD, data=encode_path(path)), nothing)


def pdf_del(path: str) -> Call[None]:
    """Delete a file or an empty folder."""
    return one(Request(DELETE, data=encode_path(path)), nothing)


def pdf_rename(path: str, name: str) -> Call[None]:
    """Give a file a new name within its folder; the request carries the new name as a full path or bare."""
    return one(Request(RENAME, data=encode_path(path) + encode_text(name, NAME_SIZE)), nothing)


def rdpdf_line(path: str, first: int = 0, count: int = 10) -> Call[str]:
    """Lines of a program's text."""
    return one(Request(LINES, first, count, data=encode_path(path)), lambda payload: payload.decode("ascii", "replace"))
