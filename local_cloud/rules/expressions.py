"""Pratt parser of IoT SQL expressions: tokens become functions from a Context to a value.

Binding powers, weakest first: OR, AND, NOT, comparison and IN, + -, * / %, unary -, then `.` and `[ ]`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from local_cloud.rules.context import Context
from local_cloud.rules.functions import FUNCTIONS, STAR, item
from local_cloud.rules.lexer import BadSql, Token
from local_cloud.rules.values import UNDEFINED, Value, add, arithmetic, boolean, compare

Run = Callable[[Context], Value]
OPERATORS = {"OR": 1, "AND": 2, "IN": 4, "=": 4, "<>": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
OPERATORS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, ".": 8, "[": 8}
NOT_BINDS, NEGATION_BINDS = 3, 7
CONSTANTS: dict[str, Value] = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Expression:
    """`name` is what the value is called without AS: last field of a path, or the function's name."""

    run: Run
    name: str | None = None


@dataclass(slots=True)
class Parser:
    """Reads expressions from `tokens`; raises BadSql."""

    sql: str
    tokens: list[Token]
    at: int = 0
    depth: int = field(default=0)

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, *wanted: str) -> bool:
        """Moves on when the next token is one of `wanted` (keywords in upper case, or symbols)."""
        if self.next.kind in ("name", "symbol") and self.next.key in wanted:
            self.at += 1
            return True
        return False

    def need(self, *wanted: str) -> None:
        if not self.take(*wanted):
            raise self.bad(f"expected {' or '.join(wanted)}")

    def kind(self, kind: str, what: str) -> str:
        token = self.next
        if token.kind != kind:
            raise self.bad(f"expected {what}")
        self.at += 1
        return token.text

    def bad(self, why: str) -> BadSql:
        return BadSql(f"{why}, got {self.next.text or 'the end'!r} at {self.next.at} of {self.sql!r}")

    def expression(self, binds: int = 0) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.bad(f"at most {MAX_DEPTH} nested expressions")
        left = self._prefix()
        while True:
            token = self.next
            power = OPERATORS.get(token.key, 0) if token.kind in ("name", "symbol") else 0
            if power <= binds:
                break
            self.at += 1
            left = self._infix(token, left, power)
        self.depth -= 1
        return left

    def _prefix(self) -> Expression:
        token = self.next
        self.at += 1
        if token.kind == "number":
            constant = float(token.text) if not token.text.isdigit() else int(token.text)
            return Expression(lambda _: constant)
        if token.kind == "string":
            return Expression(lambda _: token.text)
        if token.kind == "identifier":
            return Expression(lambda context: item(context.document, token.text), token.text)
        if token.kind == "symbol" and token.text in _PREFIXES:
            return _PREFIXES[token.text](self)
        if token.kind == "name" and token.key in CONSTANTS:
            return Expression(lambda _: CONSTANTS[token.key])
        if token.kind == "name" and token.key in _PREFIXES:
            return _PREFIXES[token.key](self)
        if token.kind == "name" and self.take("("):
            return self._call(token)
        if token.kind == "name":
            return Expression(lambda context: item(context.document, token.text), token.text)
        self.at -= 1
        raise self.bad("expected an expression")

    def _infix(self, token: Token, left: Expression, power: int) -> Expression:
        if token.key == ".":
            name = self.next.text
            if self.next.kind not in ("name", "identifier"):
                raise self.bad("expected a field name")
            self.at += 1
            return Expression(lambda context: item(left.run(context), name), name)
        right = self.expression(0 if token.key == "[" else power)
        if token.key == "[":
            self.need("]")
            return Expression(lambda context: item(left.run(context), right.run(context)))
        return Expression(_operate(token.key, left.run, right.run))

    def _call(self, token: Token) -> Expression:
        name = token.text.lower()
        function = FUNCTIONS.get(name)
        if function is None:
            raise BadSql(f"function {token.text} does not run here, known are {', '.join(sorted(FUNCTIONS))}")
        arguments = self._arguments(cast=name == "cast")
        if not function.least <= len(arguments) <= function.most:
            raise BadSql(f"{name} takes {function.least} to {function.most} arguments, got {len(arguments)}")

        def run(context: Context) -> Value:
            values = [argument(context) for argument in arguments]
            if UNDEFINED in values and not function.takes_undefined:
                return UNDEFINED
            return function.call(context, values)

        return Expression(run, token.text)

    def _arguments(self, *, cast: bool) -> list[Run]:
        found: list[Run] = []
        if self.take(")"):
            return found
        while True:
            if self.next.text == "*" and self.tokens[self.at + 1].text in (",", ")"):
                self.at += 1
                found.append(lambda _: STAR)
            else:
                found.append(self.expression().run)
            if cast and self.take("AS"):
                found.append(_constant(self.kind("name", "a type").lower()))
            if not self.take(","):
                self.need(")")
                return found

    def group(self) -> Expression:
        inner = self.expression()
        self.need(")")
        return inner

    def negation(self) -> Expression:
        inner = self.expression(NEGATION_BINDS).run
        return Expression(lambda context: arithmetic("-", 0, inner(context)))

    def inversion(self) -> Expression:
        inner = self.expression(NOT_BINDS).run

        def run(context: Context) -> Value:
            value = boolean(inner(context))
            return value if value is UNDEFINED else not value

        return Expression(run)

    def array(self) -> Expression:
        items: list[Run] = []
        while not self.take("]"):
            items.append(self.expression().run)
            if self.next.text != "]":
                self.need(",")
        return Expression(lambda context: [v for run in items if (v := run(context)) is not UNDEFINED])

    def object(self) -> Expression:
        pairs: list[tuple[str, Run]] = []
        while not self.take("}"):
            key = self.kind("string", "a key in quotes")
            self.need(":")
            pairs.append((key, self.expression().run))
            if self.next.text != "}":
                self.need(",")
        return Expression(lambda context: {k: v for k, run in pairs if (v := run(context)) is not UNDEFINED})

    def case(self) -> Expression:
        """CASE v WHEN t THEN r … [ELSE e] END: the first equal t decides."""
        value = self.expression().run
        branches: list[tuple[Run, Run]] = []
        while self.take("WHEN"):
            when = self.expression().run
            self.need("THEN")
            branches.append((when, self.expression().run))
        other: Run = self.expression().run if self.take("ELSE") else lambda _: UNDEFINED
        self.need("END")

        def run(context: Context) -> Value:
            seen = value(context)
            if seen is UNDEFINED:
                return UNDEFINED
            chosen = next((then for when, then in branches if compare("=", seen, when(context)) is True), other)
            return chosen(context)

        return Expression(run)


def _constant(value: Value) -> Run:
    return lambda _: value


def _operate(operator: str, left: Run, right: Run) -> Run:
    if operator == "+":
        return lambda context: add(left(context), right(context))
    if operator in "-*/%":
        return lambda context: arithmetic(operator, left(context), right(context))
    if operator in ("AND", "OR"):
        return lambda context: _logic(operator, boolean(left(context)), boolean(right(context)))
    if operator == "IN":
        return lambda context: _contains(left(context), right(context))
    plain = "<>" if operator == "!=" else operator
    return lambda context: compare(plain, left(context), right(context))


def _logic(operator: str, left: Value, right: Value) -> Value:
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    return (left and right) if operator == "AND" else (left or right)


def _contains(value: Value, members: Value) -> Value:
    if value is UNDEFINED or not isinstance(members, list):
        return UNDEFINED
    return any(compare("=", value, member) is True for member in members)


_PREFIXES: dict[str, Callable[[Parser], Expression]] = {
    "(": Parser.group,
    "-": Parser.negation,
    "[": Parser.array,
    "{": Parser.object,
    "NOT": Parser.inversion,
    "CASE": Parser.case,
}
