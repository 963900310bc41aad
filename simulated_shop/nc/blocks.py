"""Reading NC text: lines of words, a letter and a number each; text in parentheses is a comment."""

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"\([^)]*\)")
_WORD = re.compile(r"([A-Z])\s*([+-]?(?:\d+\.?\d*|\.\d+))")


class BadProgram(ValueError):
    """A program text that the interpreter does not understand; says the line and what was expected."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a program. `words` keeps the order of writing; G and M may appear more than once."""

    line: int
    text: str
    words: tuple[tuple[str, float], ...]

    def value(self, letter: str) -> float | None:
        """The last word with this letter, or None."""
        for name, number in reversed(self.words):
            if name == letter:
                return number
        return None

    def codes(self, letter: str) -> tuple[float, ...]:
        return tuple(number for name, number in self.words if name == letter)


def read_block(text: str, *, line: int) -> Block:
    """One block. Raises BadProgram when something is neither a word nor a comment."""
    bare = _COMMENT.sub("", text.upper()).strip()
    rest = _WORD.sub("", bare).strip()
    if rest:
        raise BadProgram(f"line {line}: {text!r}: expected words like X10.5, found {rest!r}")
    return Block(line, text, tuple((letter, float(number)) for letter, number in _WORD.findall(bare)))


def read_program(text: str) -> tuple[int, list[Block]]:
    """O number and blocks. Raises BadProgram unless the first line starts with an O number."""
    lines = text.strip().splitlines()
    first = read_block(lines[0], line=0) if lines else None
    number = first.value("O") if first else None
    if number is None:
        raise BadProgram(f"expected a program that starts with its O number, found {text[:20]!r}")
    return int(number), [read_block(line, line=index) for index, line in enumerate(lines)]
