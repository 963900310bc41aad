"""Signal keys and data items: one table, read in both directions.

A key is `<component>.<type>[.<subtype>]`. Where this product has a shorter or older word for a type, SHORT has both.
"""

import re
from dataclasses import dataclass
from typing import Final

from greengrass_components.edge_kit.mtconnect.model import Category
from greengrass_components.edge_kit.mtconnect.vocabulary import NUMBERS, SAMPLES, STATISTICS, SUBTYPES, WORDS


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a data item says, apart from where it stands."""

    type: str
    sub_type: str = ""
    coordinate_system: str = ""
    statistic: str = ""

    @property
    def category(self) -> Category:
        return Category.SAMPLE if self.type in SAMPLES else Category.EVENT


#: Tail of the key -> meaning, where the words differ.
SHORT: Final[dict[str, Meaning]] = {
    "position.actual": Meaning("POSITION", "ACTUAL", "WORK"),
    "position.machine": Meaning("POSITION", "ACTUAL", "MACHINE"),
    "angle.actual": Meaning("ANGLE", "ACTUAL", "WORK"),
    "angle.machine": Meaning("ANGLE", "ACTUAL", "MACHINE"),
    "path_feedrate.override": Meaning("PATH_FEEDRATE_OVERRIDE", "PROGRAMMED"),
    "path_feedrate.rapid_override": Meaning("PATH_FEEDRATE_OVERRIDE", "RAPID"),
    "rotary_velocity.override": Meaning("ROTARY_VELOCITY_OVERRIDE"),
    "line": Meaning("LINE_NUMBER", "ABSOLUTE"),
}
_SHORTENED: Final = {meaning: tail for tail, meaning in SHORT.items()}
#: Other words that devices use for the same.
_ALSO: Final[dict[Meaning, str]] = {
    Meaning("POSITION", "ACTUAL"): "position.actual",
    Meaning("ANGLE", "ACTUAL"): "angle.actual",
    Meaning("PATH_FEEDRATE_OVERRIDE"): "path_feedrate.override",
    Meaning("PATH_FEEDRATE", "OVERRIDE"): "path_feedrate.override",
    Meaning("PATH_FEEDRATE", "RAPID"): "path_feedrate.rapid_override",
    Meaning("ROTARY_VELOCITY_OVERRIDE", "PROGRAMMED"): "rotary_velocity.override",
    Meaning("ROTARY_VELOCITY", "OVERRIDE"): "rotary_velocity.override",
    Meaning("SPINDLE_SPEED", "OVERRIDE"): "rotary_velocity.override",
    Meaning("SPINDLE_SPEED", "ACTUAL"): "rotary_velocity.actual",
    Meaning("SPINDLE_SPEED"): "rotary_velocity.actual",
    Meaning("ROTARY_VELOCITY"): "rotary_velocity.actual",
    Meaning("PATH_FEEDRATE"): "path_feedrate.actual",
    Meaning("PART_COUNT"): "part_count.all",
    Meaning("LINE"): "line",
    Meaning("LINE_NUMBER"): "line",
}


def meaning_of(tail: str) -> Meaning | None:
    """What the part of a key behind its component says; None for what MTConnect has no type for."""
    if tail in SHORT:
        return SHORT[tail]
    kind, _, rest = tail.partition(".")
    kind, rest = kind.upper(), rest.upper()
    if kind not in SAMPLES and kind not in NUMBERS and kind not in WORDS:
        return None
    if rest in STATISTICS:
        return Meaning(kind, statistic=rest)
    if rest in SUBTYPES:
        return Meaning(kind, rest)
    return None if rest.startswith("X_") or kind in ("POSITION", "ANGLE") else Meaning(kind)


def tail_of(meaning: Meaning) -> str:
    """The key behind its component."""
    short = _SHORTENED.get(meaning) or _ALSO.get(meaning)
    if short is None and meaning.coordinate_system:
        plain = Meaning(meaning.type, meaning.sub_type, statistic=meaning.statistic)
        short = _ALSO.get(plain) or tail_of(plain)
    if short is not None:
        return short
    parts = [meaning.type, meaning.sub_type, meaning.statistic]
    return ".".join(snake(part) for part in parts if part)


def snake(text: str) -> str:
    """Lower-case letters, digits and _; `x:` extensions get the prefix `x_`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
