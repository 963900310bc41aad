"""Program files in folders, as controls from 30i on keep them.

A file's text starts with its O word, its lines end with LF, and the "%" of a transfer is not kept.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.refusal import DATA, OVERFLOW, Refusal

DRIVE = "CNC_MEM"
ROOT = f"//{DRIVE}/"
HOME = f"{ROOT}USER/PATH1/"
FOLDERS = (ROOT, f"{ROOT}USER/", HOME, f"{ROOT}USER/LIBRARY/", f"{ROOT}MTB1/")
CAPACITY, MOST_PROGRAMS = 1_002_844, 1000  # the usual memory of a 31i
COMMENT = re.compile(r"^\S*?(\([^)\n]*\))")
NUMBERED = re.compile(r"^O(\d{1,8})$")
WORD = re.compile(r"^[\s%]*O(\d{1,8})")
FILE_NAME = re.compile(r"^[A-Za-z0-9_.+-]{1,32}$")
SAMPLES = {
    1: "O0001(MAIN)\nG90G54\nM98P100\nM30\n",
    100: "O0100(SUB)\nG01X10.F500\nM99\n",
    1234: "O1234(TEST)\n" + "".join(f"N{n}G01X{n}.Y{n % 50}.F500\n" for n in range(10, 1300, 10)) + "M30\n",
}
EXISTS, MISSING, NO_O_WORD, IN_USE = 4, 2, 1, 5  # detail 1 of refusals


@dataclass(slots=True)
class File:
    """One program."""

    text: str
    modified: datetime
    attributes: int = 0

    @property
    def comment(self) -> str:
        """`(TEXT)` behind the O word, empty when there is none."""
        first = self.text.split("\n", 1)[0]
        found = COMMENT.match(first)
        return found.group(1) if found else ""


def o_name(number: int) -> str:
    """`O0001`; longer numbers as they are."""
    return f"O{number:04d}"


class Programs:
    """The file system of one control."""

    def __init__(self, control: Control, *, capacity: int = CAPACITY) -> None:
        self.folders: list[str] = list(FOLDERS)
        self.files: dict[str, File] = {}
        self.home = HOME
        self.drives = [DRIVE]
        self.current = {1: HOME, 2: HOME}
        for number, text in {**SAMPLES, **control.programs}.items():
            self.files[HOME + o_name(number)] = File(text, control.now)
        self.most = max(MOST_PROGRAMS, len(self.files))
        self.capacity = max(capacity, self.used)

    # -- by number --

    def numbers(self, folder: str = HOME) -> list[int]:
        """O numbers in a folder, rising."""
        names = (path.removeprefix(folder) for path in self.files if path.startswith(folder))
        return sorted(int(found.group(1)) for found in map(NUMBERED.match, names) if found)

    def path_of(self, number: int) -> str:
        """Full path of an O number in the current folder. Raises Refusal(5, 2) when missing."""
        path = self.current[1] + o_name(number)
        if path not in self.files:
            raise Refusal(DATA, MISSING)
        return path

    @property
    def used(self) -> int:
        """Characters stored."""
        return sum(len(file.text) for file in self.files.values())

    @property
    def unused(self) -> int:
        """Characters free."""
        return self.capacity - self.used

    # -- by path --

    def resolve(self, name: str) -> str:
        """A full path from a full path or a bare name in the current folder; `O77` means O0077."""
        path = name if name.startswith("//") else self.current[1] + name
        parent, _, last = path.rpartition("/")
        numbered = NUMBERED.match(last)
        return f"{parent}/{o_name(int(numbered.group(1)))}" if numbered else path

    def get(self, path: str) -> File:
        """Raises Refusal(5, 2) when missing."""
        found = self.files.get(path)
        if found is None:
            raise Refusal(DATA, MISSING)
        return found

    def folder(self, path: str) -> str:
        """The folder itself. Raises Refusal(5, 1) when missing."""
        path = path if path.endswith("/") else path + "/"
        if path not in self.folders:
            raise Refusal(DATA, 1)
        return path

    def subfolders(self, folder: str) -> list[str]:
        """Names of the folders directly inside."""
        inside = (path.removeprefix(folder) for path in self.folders if path.startswith(folder) and path != folder)
        return [name[:-1] for name in inside if name.count("/") == 1]

    def names(self, folder: str) -> list[str]:
        """Names of the files directly inside, sorted."""
        inside = (path.removeprefix(folder) for path in self.files if path.startswith(folder))
        return sorted(name for name in inside if "/" not in name)

    def store(self, folder: str, text: str, *, now: datetime) -> str:
        """Keep a downloaded program under the number in its O word; answers its path.

        Raises Refusal(5) with detail 1 without an O word, 4 when the number exists, and 8 when memory is full.
        """
        found = WORD.match(text)
        if found is None:
            raise Refusal(DATA, NO_O_WORD)
        path = self.folder(folder) + o_name(int(found.group(1)))
        if path in self.files:
            raise Refusal(DATA, EXISTS)
        if len(self.files) >= self.most or len(text) > self.unused:
            raise Refusal(OVERFLOW)
        self.files[path] = File(text, now)
        return path

    def add(self, path: str, *, now: datetime) -> None:
        """Make an empty file, or a folder. Raises Refusal(5, 4) when it exists, (5, 1) without its folder."""
        parent, name = _split(path)
        self.folder(parent)
        if path in self.files or path in self.folders:
            raise Refusal(DATA, EXISTS)
        if not FILE_NAME.match(name):
            raise Refusal(DATA)
        if path.endswith("/"):
            self.folders.append(path)
        else:
            self.files[path] = File(name + "\n", now)

    def delete(self, path: str) -> None:
        """Delete a file or an empty folder. Raises Refusal: 5, 2 missing; 5, 5 not empty."""
        if path.endswith("/"):
            folder = self.folder(path)
            if folder in FOLDERS or self.names(folder) or self.subfolders(folder):
                raise Refusal(DATA, IN_USE)
            self.folders.remove(folder)
        else:
            self.get(path)
            del self.files[path]

    def rename(self, path: str, name: str) -> None:
        """Give a file a new name in its folder. Raises Refusal: 5, 2 missing; 5, 4 the name exists."""
        file = self.get(path)
        parent, _ = _split(path)
        target = parent + name.rsplit("/", 1)[-1]
        if target in self.files:
            raise Refusal(DATA, EXISTS)
        if not FILE_NAME.match(target.removeprefix(parent)):
            raise Refusal(DATA)
        del self.files[path]
        self.files[target] = replace(file, text=_under(target.removeprefix(parent), file.text))


def _under(name: str, text: str) -> str:
    """The O word of a numbered program is its name: it changes with it."""
    own = WORD.match(text)
    return f"{name}{text[own.end() :]}" if own and NUMBERED.match(name) else text


def _split(path: str) -> tuple[str, str]:
    bare = path[:-1] if path.endswith("/") else path
    parent, _, name = bare.rpartition("/")
    return parent + "/", name
