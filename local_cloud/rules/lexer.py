"""IoT SQL text into tokens."""

import re
from dataclasses import dataclass

PATTERN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<symbol><>|!=|<=|>=|[-+*/%=<>().,\[\]{}:])""",
    re.VERBOSE,
)


class BadSql(ValueError):
    """The statement cannot be run; says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: number, string, name, symbol or end. Names keep their case, `key` is the upper-case form."""

    kind: str
    text: str
    at: int

    @property
    def key(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


def tokens(sql: str) -> list[Token]:
    """Raises BadSql."""
    found: list[Token] = []
    at = 0
    while at < len(sql):
        match = PATTERN.match(sql, at)
        if match is None:
            raise BadSql(f"character {sql[at]!r} at {at} of {sql!r}")
        kind = str(match.lastgroup)
        if kind == "string":
            found.append(Token(kind, match[0][1:-1].replace("''", "'"), at))
        elif kind == "quoted":
            found.append(Token("identifier", match[0][1:-1].replace('""', '"'), at))
        elif kind != "space":
            found.append(Token(kind, match[0], at))
        at = match.end()
    return [*found, Token("end", "", at)]
