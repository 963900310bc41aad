"""The lists of what runs here and what is only recorded; everything else is refused."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("support")


class Refused(ValueError):
    """The template asks for something the local cloud does not know: type, property and id are in the text."""


@dataclass(frozen=True, slots=True)
class Support:
    """Properties of one resource type: those with an effect here, and those without."""

    runs: frozenset[str]
    recorded: frozenset[str]


def load(folder: Path = FOLDER) -> dict[str, Support]:
    """Every list of the folder by resource type. A type or property named twice is an error."""
    found: dict[str, Support] = {}
    for path in sorted(folder.glob("*.toml")):
        for type_, lists in tomllib.loads(path.read_text()).items():
            runs, recorded = frozenset(lists.get("runs", ())), frozenset(lists.get("recorded", ()))
            if type_ in found or runs & recorded:
                raise ValueError(f"{path}: {type_} is listed twice ({sorted(runs & recorded)})")
            found[type_] = Support(runs, recorded)
    return found


def check(stack: str, logical_id: str, resource: dict[str, Any], *, known: dict[str, Support]) -> None:
    """Raises Refused for a type or property on no list."""
    type_ = resource["Type"]
    if type_ not in known:
        raise Refused(f"{type_} ({logical_id} in {stack}) does not run in the local cloud; see local_cloud/support")
    extra = resource.get("Properties", {}).keys() - known[type_].runs - known[type_].recorded - {"Tags"}
    if extra:
        raise Refused(
            f"{type_}: property {sorted(extra)[0]} ({logical_id} in {stack}) is on no list of local_cloud/support"
        )


def recorded(types: Iterable[tuple[str, dict[str, Any]]], *, known: dict[str, Support]) -> list[str]:
    """`Type.Property` of everything that has no local effect, for the line printed at start."""
    return sorted(
        {f"{type_}.{name}" for type_, properties in types for name in properties.keys() & known[type_].recorded}
    )
