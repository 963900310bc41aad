"""Persisted documents: what the pages of the product send, known by the SHA-256 of their text.

A page sends the id, or the text itself. Clients add `__typename` and change white space, so a text is
known when it equals a persisted one after both were printed without them.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cnc.domain.base.errors import CncError
from cnc_graphql.guard import check_nesting
from cnc_graphql.limits import TOKENS
from graphql import (
    REMOVE,
    FieldNode,
    GraphQLError,
    Visitor,
    parse,
    print_ast,
    visit,
)

OPERATIONS = Path(__file__).resolve().parent.parent / "operations"
#: The same texts in one file beside this one: a package carries what lies beside its modules.
PACKED = Path(__file__).resolve().with_name("persisted.json")

#: What a screen on the wall sends, by the names of the operations.
OF_A_BOARD = ("query Board ", "subscription MachineStates(", "query Viewer ")


class Documents:
    """Texts by id, and the canonical forms by which a sent text is recognised."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_id = {document_id(text): text for text in texts}
        self._canonical: frozenset[str] | None = None
        self._boards: Documents | None = None

    def text(self, document: str) -> str:
        """Text of a persisted document. Raises CncError(document.unknown)."""
        text = self._by_id.get(document)
        if text is None:
            raise CncError(
                "document.unknown",
                seen=document,
                expected="an id of a persisted document",
                todo="Send the text as query.",
            )
        return text

    def knows(self, text: str) -> bool:
        """Whether a sent text is one of these documents."""
        if document_id(text) in self._by_id:
            return True
        if self._canonical is None:
            self._canonical = frozenset(canonical(known) for known in self._by_id.values())
        try:
            return canonical(text) in self._canonical
        except GraphQLError:
            return False

    @property
    def boards(self) -> "Documents":
        """Those among them that a screen on the wall may send."""
        if self._boards is None:
            self._boards = Documents(text for text in self._by_id.values() if text.startswith(OF_A_BOARD))
        return self._boards


def load() -> Documents:
    """The documents as they are packed."""
    texts: dict[str, str] = json.loads(PACKED.read_text(encoding="utf-8"))
    return Documents(texts.values())


def packed(folder: Path = OPERATIONS) -> str:
    """Every `*.graphql` of the folder by its id, as it is committed in persisted.json."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))]
    return json.dumps({document_id(text): text for text in texts}, indent=1, sort_keys=True) + "\n"


def document_id(text: str) -> str:
    """SHA-256 of the text as it stands in its file."""
    return sha256(text.encode("utf-8")).hexdigest()


class _WithoutTypename(Visitor):
    def enter_field(self, node: FieldNode, *_: object) -> object:
        return REMOVE if node.name.value == "__typename" and node.alias is None else None


@lru_cache(maxsize=256)
def canonical(text: str) -> str:
    """One text for every way to write a document. Raises GraphQLError or CncError(limit.cost)."""
    check_nesting(text)
    document = parse(text, no_location=True, max_tokens=TOKENS)
    return print_ast(visit(document, _WithoutTypename()))
