"""One IoT SQL statement: `SELECT … FROM '<topic filter>' WHERE …`, parsed once, run per message.

FROM is optional for rules that run by Basic Ingest only (developer guide, "AWS IoT SQL reference").

`SELECT a, b.c AS d, *` makes an object; `SELECT VALUE x` any value; a lone `SELECT *` hands the payload on as it is.
Nested SELECTs are refused.
"""

import json
from dataclasses import dataclass

from local_cloud.broker.topics import matches
from local_cloud.rules.context import Context
from local_cloud.rules.expressions import Expression, Parser, Run
from local_cloud.rules.lexer import BadSql, tokens
from local_cloud.rules.values import UNDEFINED, Value


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the SELECT list; `run` None stands for `*`; `path` is where the value goes."""

    run: Run | None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """`evaluate` answers the payload for the actions, or None when the message is not for this rule."""

    topic_filter: str | None
    items: tuple[Item, ...]
    value: Run | None
    where: Run | None

    def evaluate(self, context: Context) -> bytes | None:
        """The FROM filter, where there is one, counts for Basic Ingest, too."""
        if self.topic_filter is not None and not matches(self.topic_filter, context.topic):
            return None
        if self.where is not None and self.where(context) is not True:
            return None
        if self.value is None and self.items == (Item(None),):
            return context.payload
        chosen = self.value(context) if self.value is not None else self._object(context)
        return None if chosen is UNDEFINED else json.dumps(chosen, separators=(",", ":"), ensure_ascii=False).encode()

    def _object(self, context: Context) -> Value:
        result: dict[str, Value] = {}
        for item in self.items:
            if item.run is None:
                document = context.document
                result.update(document if isinstance(document, dict) else {})
                continue
            value = item.run(context)
            if value is not UNDEFINED:
                _put(result, item.path, value)
        return result


def parse(sql: str) -> Statement:
    """Raises BadSql."""
    parser = Parser(sql, tokens(sql))
    parser.need("SELECT")
    value = parser.expression().run if parser.take("VALUE") else None
    items = () if value is not None else _items(parser)
    topic_filter = parser.kind("string", "a topic filter in quotes") if parser.take("FROM") else None
    where = parser.expression().run if parser.take("WHERE") else None
    if parser.next.kind != "end":
        raise parser.bad("expected the end")
    return Statement(topic_filter, items, value, where)


def template(text: str) -> Run:
    """A substitution template (`alerts/${topic(2)}`) of an action. Raises BadSql."""
    pieces: list[Run] = []
    while "${" in text:
        plain, _, rest = text.partition("${")
        inner, closed, text = rest.partition("}")
        if not closed:
            raise BadSql(f"template {text!r}: expected }}")
        pieces += [_constant(plain), _expression(inner).run]
    pieces.append(_constant(text))

    def run(context: Context) -> Value:
        values = [piece(context) for piece in pieces]
        return "".join("" if value is UNDEFINED else str(value) for value in values)

    return run


def _constant(text: str) -> Run:
    return lambda _: text


def _expression(text: str) -> Expression:
    parser = Parser(text, tokens(text))
    found = parser.expression()
    if parser.next.kind != "end":
        raise parser.bad("expected the end")
    return found


def _items(parser: Parser) -> tuple[Item, ...]:
    found: list[Item] = []
    while True:
        if parser.take("*"):
            found.append(Item(None))
        else:
            found.append(_item(parser))
        if not parser.take(","):
            return tuple(found)


def _item(parser: Parser) -> Item:
    expression = parser.expression()
    if parser.take("AS"):
        path = [_name(parser)]
        while parser.take("."):
            path.append(_name(parser))
        return Item(expression.run, tuple(path))
    if expression.name is None:
        raise parser.bad("expected AS <name> after an expression without a name")
    return Item(expression.run, (expression.name,))


def _name(parser: Parser) -> str:
    return parser.kind("identifier" if parser.next.kind == "identifier" else "name", "a name")


def _put(target: dict[str, Value], path: tuple[str, ...], value: Value) -> None:
    for name in path[:-1]:
        below = target.get(name)
        target[name] = below = below if isinstance(below, dict) else {}
        target = below
    target[path[-1]] = value


__all__ = ["BadSql", "Statement", "parse", "template"]
