"""Print `docs/evidence/README.md` from the lists of controls beside it: `python -m tools.evidence`."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "evidence"
LISTS: Final = ("iso27001", "iec62443")
STATES: Final = ("shown", "partly", "blank")
_HEAD: Final = (
    "# Evidence\n\n"
    "Which control is shown by what. Printed by `python -m tools.evidence` from the lists beside this page; a test "
    "compares, and finds every file and test that is named. Numbers are those of the standards; the words are ours, "
    "since the standards' text belongs to their publishers. *Shown* means that what stands in the line shows it and "
    "nothing is known to be missing; a line with something missing is *partly*; a line that shows nothing is *blank*, "
    "and says whose it is or what is not there.\n"
)


@dataclass(frozen=True, slots=True)
class Control:
    """One line. `shows` are paths of the repository, with `::<test>` where one test is meant."""

    id: str
    words: str
    shows: tuple[str, ...]
    missing: str

    @property
    def state(self) -> str:
        if not self.shows:
            return "blank"
        return "partly" if self.missing else "shown"


def controls(name: str) -> tuple[str, str, list[Control]]:
    """Title, what is to be said, and the lines of one list."""
    said = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    found = [
        Control(id_, one["words"], tuple(one.get("shows", ())), one.get("missing", ""))
        for id_, one in said["controls"].items()
    ]
    return said["title"], said["about"], found


def page() -> str:
    """The whole page."""
    lists = [controls(name) for name in LISTS]
    summary = ["| standard | controls | shown | partly | blank |", "|---|---|---|---|---|"]
    for title, _, found in lists:
        counts = Counter(control.state for control in found)
        summary.append(f"| {title} | {len(found)} | {' | '.join(str(counts[state]) for state in STATES)} |")
    parts = [_HEAD, "\n".join(summary) + "\n"]
    for title, about, found in lists:
        parts.append(f"## {title}\n{about}\n\n" + "\n".join(_rows(found)) + "\n")
    return "\n".join(parts)


def _rows(found: list[Control]) -> Iterator[str]:
    yield "| control | what it asks for | | shown by | missing |"
    yield "|---|---|---|---|---|"
    for control in found:
        shown = "<br>".join(map(_link, control.shows))
        yield f"| {control.id} | {control.words} | {control.state} | {shown} | {control.missing} |"


def _link(path: str) -> str:
    file, _, test = path.partition("::")
    name = test.replace("_", " ").removeprefix("test ") if test else file
    return f"[{name}](../../{file})"


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(page())
