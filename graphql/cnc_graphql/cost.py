"""Size of a document in one linear pass: each fragment is measured once, however often it is spread.

Fragments that double each other grow the expanded document 2^n; numbers of the measure grow too, work does not.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnc_graphql.limits import FIRST, USUAL_LIST, WEIGHTS
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

LEAF = 1  # in tenths, like every cost here
OBJECT = 10
ITEM = 5  # of a paged list: one of many rows that come with one read
ROOTS = frozenset({"Query", "Mutation", "Subscription"})


@dataclass(slots=True)
class Measure:
    """What a selection set costs when it stands anywhere; `cost` in tenths of a unit."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0
    names: Counter[str] = field(default_factory=Counter)  # fields of this level, by name
    repeated: int = 0  # most repetitions of one field at any level below

    def add(self, other: "Measure") -> None:
        """Take over what another selection set of the same level holds."""
        self.depth = max(self.depth, other.depth)
        self.aliases += other.aliases
        self.cost += other.cost
        self.names.update(other.names)
        self.repeated = max(self.repeated, other.repeated)


class Lists(NamedTuple):
    """Field names that answer lists, anywhere in the schema: with a `first` argument, and without."""

    paged: frozenset[str]
    unpaged: frozenset[str]


@dataclass(slots=True)
class Meter:
    """Measures one document; `variables` tell the page sizes that are not literals."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    lists: Lists
    _known: dict[str, Measure | None] = field(default_factory=dict)

    def operation(self, operation: OperationDefinitionNode) -> Measure:
        """Measure of one operation with everything it spreads."""
        return self._selection(operation.selection_set, root=True)

    def _selection(self, selection: SelectionSetNode, *, root: bool) -> Measure:
        """`root`: its fields are those of the operation itself, where a page left out is a whole one."""
        total = Measure()
        for node in selection.selections:
            if isinstance(node, FieldNode):
                self._field(node, total, root=root)
            elif isinstance(node, InlineFragmentNode):
                total.add(self._selection(node.selection_set, root=root))
            elif isinstance(node, FragmentSpreadNode):
                total.add(self._fragment(node.name.value))
        most = max(total.names.values(), default=0)
        total.repeated = max(total.repeated, most)
        return total

    def _fragment(self, name: str) -> Measure:
        if name in self._known:
            return self._known[name] or Measure()  # None: a cycle, which the validator names
        self._known[name] = None
        definition = self.fragments.get(name)
        measured = Measure()
        if definition is not None:
            measured = self._selection(definition.selection_set, root=definition.type_condition.name.value in ROOTS)
        self._known[name] = measured
        return measured

    def _field(self, node: FieldNode, total: Measure, *, root: bool) -> None:
        name = node.name.value
        total.names[name] += 1
        total.aliases += node.alias is not None
        total.depth = max(total.depth, 1)
        if node.selection_set is None:
            total.cost += LEAF + WEIGHTS.get(name, 0) * OBJECT
            return
        inner = self._selection(node.selection_set, root=False)
        total.depth = max(total.depth, inner.depth + 1)
        total.aliases += inner.aliases
        total.repeated = max(total.repeated, inner.repeated)
        total.cost += OBJECT * WEIGHTS.get(name, 1) + self._factor(node, root=root) * (
            inner.cost + self._per_item(name)
        )

    def _per_item(self, name: str) -> int:
        return ITEM if name in self.lists.paged else 0

    def _factor(self, node: FieldNode, *, root: bool) -> int:
        name = node.name.value
        if name in self.lists.paged:
            for argument in node.arguments or ():
                if argument.name.value == "first":
                    return self._page(argument.value)
            return FIRST if root else USUAL_LIST
        return USUAL_LIST if name in self.lists.unpaged else 1

    def _page(self, value: object) -> int:
        if isinstance(value, IntValueNode):
            digits = value.value
            return max(1, int(digits)) if len(digits) < 10 else 10**9
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            if isinstance(given, int) and given > 0:
                return given
        return FIRST


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Fragment definitions by name."""
    found = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
    return {node.name.value: node for node in found}
