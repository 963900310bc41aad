"""What a job makes: a program, its timeline at each override, its tools and the handling around it."""

from collections.abc import Callable
from dataclasses import dataclass

from simulated_shop.moment import Timeline
from simulated_shop.replay import TOOL, recorded_timeline
from simulated_shop.timeline import program_timeline

from .programs.catalog import PROGRAMS


@dataclass(frozen=True, slots=True)
class Recipe:
    """`load_s` is the usual time between two parts; `lines` is the program text by line."""

    number: int
    part: str
    load_s: float
    tools: tuple[int, ...]
    lines: tuple[str, ...]
    overrides: tuple[int, ...]
    """Feed overrides its operators use; a recording has only the one it was recorded with."""
    timeline: Callable[[int], Timeline]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


_OVERRIDES = (100, 100, 100, 100, 100, 100, 90, 90, 80, 110)


def interpreted(number: int) -> Recipe:
    """Recipe of a catalogued program. Raises KeyError for an unknown number."""
    program = PROGRAMS[number]
    return Recipe(
        number=number,
        part=program.part,
        load_s=program.load_s,
        tools=tuple(tool.number for tool in program.tools),
        lines=tuple(program.text.strip().splitlines()),
        overrides=_OVERRIDES,
        timeline=lambda feed: program_timeline(number, feed),
    )


def recorded(experiment: int) -> Recipe:
    """Recipe that repeats one recorded experiment; its O number is 9000 + experiment."""
    number = 9_000 + experiment
    return Recipe(
        number=number,
        part=f"Wax S, recording {experiment}",
        load_s=14.0,
        tools=(TOOL,),
        lines=(f"O{number} (REPLAY OF MILL WAX EXPERIMENT {experiment})", "M30"),
        overrides=(100,),
        timeline=lambda _feed: recorded_timeline(experiment),
    )


def recipe_of(number: int) -> Recipe:
    """Recipe by O number: 9000 and above are recordings. Raises KeyError or FileNotFoundError."""
    return recorded(number - 9_000) if number >= 9_000 else interpreted(number)
