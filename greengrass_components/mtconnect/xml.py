"""XML as an agent sends it, read without what makes XML dangerous: no DTD, no entities, bounded size and depth.

Names lose their prefix: what an agent calls `m:DataItem` or `DataItem` is the same here, in every version.
"""

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from greengrass_components.mtconnect.errors import BadDocument

MAX_BYTES: Final = 16 << 20
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 100_000
MAX_TEXT: Final = 64 << 10


@dataclass(slots=True)
class Element:
    """An element without its namespace; `text` is what stands before its first child."""

    name: str
    attributes: dict[str, str]
    children: "list[Element]" = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> "Element | None":
        return next((child for child in self.children if child.name == name), None)


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise BadDocument(seen=f"element {self._count} at depth {len(self._open)}", expected="a smaller document")
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(":")[2], local)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        element = self._open[-1]
        if len(element.text) + len(data) > MAX_TEXT:
            raise BadDocument(seen=f"{element.name} with much text", expected=f"at most {MAX_TEXT} characters")
        if not element.children:
            element.text += data

    def doctype(self, *_: object) -> None:
        raise BadDocument(seen="a document type declaration", expected="a document without one")

    def entity(self, *_: object) -> None:
        raise BadDocument(seen="an entity declaration", expected="a document without one")


def parse(data: bytes) -> Element:
    """The root element. Raises BadDocument."""
    if len(data) > MAX_BYTES:
        raise BadDocument(seen=f"{len(data)} bytes", expected=f"at most {MAX_BYTES}")
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadDocument(seen=f"{data[:60]!r} ({error})", expected="XML") from error
    if builder.root is None:
        raise BadDocument(seen=data[:60], expected="XML with a root element")
    return builder.root
