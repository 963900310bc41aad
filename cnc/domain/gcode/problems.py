"""Reasons that end a block, or the whole reading, early."""

from cnc.domain.gcode.facts import Problem, Severity


class GcodeError(Exception):
    """What is wrong with a block; the reader turns it into a `Problem` and goes on with the next block."""

    def __init__(self, code: str, *, seen: object, expected: str, severity: Severity = Severity.ERROR) -> None:
        super().__init__(f"{code}: saw {seen}, expected {expected}")
        self.code = code
        self.severity = severity
        self.seen = shortened(str(seen))
        self.expected = expected

    def at(self, line: int) -> Problem:
        return Problem(self.code, self.severity, line, self.seen, self.expected)


class ProgramStop(GcodeError):
    """Reading cannot go on after this block."""


def shortened(text: str) -> str:
    """At most 60 printable characters of what was seen."""
    clean = "".join(character if character.isprintable() else "?" for character in text[:61])
    return clean if len(clean) <= 60 else clean[:57] + "..."
