"""The `path` of a request: the part of XPath that MTConnect clients use, over the probe document.

    //Axes//DataItem[@type="POSITION" and @subType="ACTUAL"] | //Controller
    //DataItem[not(@category="CONDITION")]      //*[@id='x1']      //Linear[@name="X"]/DataItems/DataItem[1]

Steps by name, `*`, `.` and `..`-free; predicates with @attribute, text in quotes, =, !=, and, or, not(…), contains(…),
starts-with(…), brackets and a position. A prefix as in `m:DataItem` is allowed and means nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from greengrass_components.edge_kit.mtconnect.model import Component, DataItem, Device

MAX_PATH: Final = 2_000
MAX_DEPTH: Final = 12
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<number>\d+)|(?P<name>@?(?:[A-Za-z_][\w.\-]*:)?(?:[A-Za-z_][\w.\-]*|\*))"
    r"|(?P<mark>//|!=|[/\[\]()|,=.]))"
)


class BadPath(ValueError):
    """A path that is no XPath, or uses a part of XPath this agent does not have."""


@dataclass(eq=False, slots=True)
class Node:
    """An element of the probe document. `item` is set for data items."""

    name: str
    attributes: dict[str, str]
    children: "list[Node]" = field(default_factory=list)
    item: DataItem | None = None

    def below(self) -> "Iterator[Node]":
        for child in self.children:
            yield child
            yield from child.below()


Test = Callable[[Node, int], bool]


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    deep: bool
    tests: tuple[Test, ...]


def tree(devices: Sequence[Device]) -> Node:
    """The probe document as nodes, below a root that has no name."""
    root = Node("", {})
    document = Node("MTConnectDevices", {})
    root.children = [document]
    document.children = [Node("Devices", {}, [_of_device(device) for device in devices])]
    return root


def _of_device(device: Device) -> Node:
    return _with_children(Node("Device", {"id": device.id, "name": device.name, "uuid": device.uuid}), device)


def _with_children(node: Node, owner: Device | Component) -> Node:
    if owner.items:
        node.children.append(Node("DataItems", {}, [_of_item(item) for item in owner.items]))
    if owner.components:
        below = [_with_children(Node(c.kind, {"id": c.id, "name": c.name}), c) for c in owner.components]
        node.children.append(Node("Components", {}, below))
    return node


def _of_item(item: DataItem) -> Node:
    told = {
        "id": item.id,
        "category": item.category.value,
        "type": item.type,
        "subType": item.sub_type,
        "name": item.name,
        "units": item.units,
        "nativeUnits": item.native_units,
        "coordinateSystem": item.coordinate_system,
        "statistic": item.statistic,
    }
    return Node("DataItem", {name: value for name, value in told.items() if value}, item=item)


def select(path: str, devices: Sequence[Device]) -> set[str]:
    """Ids of the data items a path chooses: those it names, and all below the components it names.

    Raises BadPath; a path that chooses nothing is no error here.
    """
    if len(path) > MAX_PATH:
        raise BadPath(f"a path of {len(path)} characters, expected at most {MAX_PATH}")
    root = tree(devices)
    chosen: set[str] = set()
    for steps in _Parser(path).union():
        for node in _walk(root, steps):
            found = [node, *node.below()]
            chosen |= {each.item.id for each in found if each.item is not None}
    return chosen


def _walk(root: Node, steps: Sequence[_Step]) -> list[Node]:
    here = [root]
    for step in steps:
        found: dict[int, Node] = {}
        for node in here:
            # A position counts among the children of one parent, so each parent is a list of its own.
            parents = [node, *node.below()] if step.deep else [node]
            for parent in parents:
                for kept in _kept(parent.children, step):
                    found[id(kept)] = kept
        here = list(found.values())
    return here


def _kept(children: list[Node], step: _Step) -> list[Node]:
    kept = [child for child in children if step.name in ("*", child.name)]
    for test in step.tests:
        kept = [node for at, node in enumerate(kept, start=1) if test(node, at)]
    return kept


class _Parser:
    def __init__(self, path: str) -> None:
        self._path, self._tokens, self._at, self._depth = path, _tokens(path), 0, 0

    def union(self) -> list[list[_Step]]:
        found = [self._steps()]
        while self._take("|"):
            found.append(self._steps())
        if self._peek():
            raise self._wrong("the end, / or |")
        return found

    def _steps(self) -> list[_Step]:
        steps: list[_Step] = []
        deep = not self._take("/") and (self._take("//") or True)  # a relative path is meant from anywhere
        while True:
            name = self._peek()
            if not re.match(r"[A-Za-z_*]", name):
                raise self._wrong("the name of an element, or *")
            self._at += 1
            steps.append(_Step(name.rpartition(":")[2], deep, self._predicates()))
            if self._take("//"):
                deep = True
            elif self._take("/"):
                deep = False
            else:
                return steps

    def _predicates(self) -> tuple[Test, ...]:
        tests: list[Test] = []
        while self._take("["):
            if self._peek().isdigit():
                wanted = int(self._next())
                tests.append(lambda _, at, wanted=wanted: at == wanted)  # type: ignore[misc]
            else:
                tests.append(self._either())
            self._expect("]")
        return tuple(tests)

    def _either(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadPath(f"brackets deeper than {MAX_DEPTH}")
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        self._depth -= 1
        return lambda node, at: any(part(node, at) for part in parts)

    def _both(self) -> Test:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return lambda node, at: all(part(node, at) for part in parts)

    def _one(self) -> Test:
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        if self._take("not"):
            self._expect("(")
            inner = self._either()
            self._expect(")")
            return lambda node, at: not inner(node, at)
        if self._peek() in ("contains", "starts-with"):
            return self._function(self._next())
        name = self._attribute()
        if self._take("="):
            text = self._text()
            return lambda node, _: node.attributes.get(name) == text
        if self._take("!="):
            text = self._text()
            return lambda node, _: node.attributes.get(name, text) != text
        return lambda node, _: name in node.attributes

    def _function(self, called: str) -> Test:
        self._expect("(")
        name = self._attribute()
        self._expect(",")
        text = self._text()
        self._expect(")")
        if called == "contains":
            return lambda node, _: text in node.attributes.get(name, "")
        return lambda node, _: node.attributes.get(name, "").startswith(text)

    def _attribute(self) -> str:
        if not self._peek().startswith("@"):
            raise self._wrong("an attribute such as @type")
        return self._next()[1:]

    def _text(self) -> str:
        if self._peek()[:1] not in ('"', "'"):
            raise self._wrong("a text in quotes")
        return self._next()[1:-1]

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._wrong(token)

    def _wrong(self, expected: str) -> BadPath:
        return BadPath(f"{self._path!r}: saw {self._peek() or 'the end'!r}, expected {expected}")


def _tokens(path: str) -> list[str]:
    found, at = [], 0
    while at < len(path.rstrip()):
        match = _TOKEN.match(path, at)
        if match is None:
            raise BadPath(f"{path!r}: {path[at : at + 10]!r} is no part of XPath this agent has")
        found.append(match.group().strip())
        at = match.end()
    if not found:
        raise BadPath("an empty path, expected one such as //DataItem")
    return found
