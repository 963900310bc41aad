"""Node maps: what a server without a companion specification holds, as YAML.

    v: 1
    name: press
    title: Forming press
    defaults: {namespace: "urn:maker:press"}     # of node ids that name none
    items:
      - {key: s1.load, node: "ns=2;s=Spindle.Load", unit: PERCENT, scale: 0.1, range: [0, 200], resolution: 0.1}
      - {key: controller.execution, node: "s=State", texts: {0: READY, 1: ACTIVE}}
      - {event: program, node: "s=Program"}

A node is `ns=<index>;…`, `nsu=<namespace URI>;…` (indexes may change when a server starts anew, URIs do not), or the
identifier alone: `i=` number, `s=` text, `g=` GUID, `b=` opaque. value = raw * scale, in `unit`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import yaml
from asyncua import ua

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.schema import MAX_SIGNALS, Signal, Value
from greengrass_components.opcua import maps
from greengrass_components.opcua.driver.model import PROGRAM_NAME, Column, Model
from greengrass_components.opcua.errors import BadSettings

MAX_TEXT: Final = 64 * 1024
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_MAP_FIELDS: Final = {"v", "name", "title", "defaults", "items"}
_ITEM_FIELDS: Final = {
    "key", "event", "node", "namespace", "unit", "native_unit", "scale", "range", "resolution", "texts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MapItem:
    """One node. `column` is None for the program's name, which is an event."""

    role: str
    node: str
    namespace: str
    column: Column | None


def load_map(name: str) -> tuple[MapItem, ...]:
    """A map of this component by name. Raises BadSettings."""
    folder = files(maps)
    file = folder / f"{name}.yaml"
    if not _NAME.match(name) or not file.is_file():
        known = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
        raise BadSettings("map", seen=name, expected=f"one of {', '.join(known)}")
    return parse_map(file.read_text(encoding="utf-8"), name=f"{name}.yaml")


def parse_map(text: str, *, name: str) -> tuple[MapItem, ...]:
    """The items of YAML text; `name` is said in errors. Raises BadSettings."""
    if len(text) > MAX_TEXT:
        raise BadSettings(name, seen=f"{len(text)} characters", expected=f"at most {MAX_TEXT}")
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadSettings(name, seen=str(error).replace("\n", " "), expected="YAML") from error
    if not isinstance(document, dict) or document.get("v") != 1:
        raise BadSettings(name, seen=_short(document), expected="a mapping with v: 1")
    _known(document, _MAP_FIELDS, name)
    rows, defaults = document.get("items"), document.get("defaults", {})
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_SIGNALS:
        raise BadSettings(f"{name}: items", seen=_short(rows), expected=f"a list of 1 to {MAX_SIGNALS} items")
    _known(defaults, {"namespace"}, f"{name}: defaults")
    items = tuple(_item({**defaults, **_mapping(row, f"{name}: item {at}")}, name) for at, row in enumerate(rows))
    roles = [item.role for item in items]
    twice = sorted({role for role in roles if roles.count(role) > 1})
    if twice:
        raise BadSettings(name, seen=twice, expected="every key once")
    return items


def resolve(items: Sequence[MapItem], namespaces: Sequence[str]) -> Model:
    """The model on a server with these namespaces. Raises BadSettings for a namespace it does not have."""
    nodes = {item.role: _node(item, namespaces) for item in items}
    return Model(nodes, tuple(item.column for item in items if item.column is not None))


def _node(item: MapItem, namespaces: Sequence[str]) -> ua.NodeId:
    uri, text = item.namespace, item.node
    if text.startswith("nsu="):
        uri, _, text = text[4:].partition(";")
    if uri and not text.startswith("ns="):
        if uri not in namespaces:
            raise BadSettings(f"{item.role}: namespace", seen=uri, expected=f"one of {', '.join(namespaces)}")
        text = f"ns={namespaces.index(uri)};{text}"
    return ua.NodeId.from_string(text)


def _item(row: Mapping[str, Any], name: str) -> MapItem:
    where = f"{name}: {_short(row.get('key', row.get('event', 'item without key')))}"
    _known(row, _ITEM_FIELDS, where)
    node, namespace = str(row.get("node", "")), str(row.get("namespace", ""))
    try:
        ua.NodeId.from_string(node.partition(";")[2] if node.startswith("nsu=") else node)
    except (ua.UaError, ValueError) as error:
        raise BadSettings(f"{where}: node", seen=_short(node), expected="a node id such as ns=2;s=Load") from error
    if "event" in row:
        if row["event"] != "program" or "key" in row:
            raise BadSettings(f"{where}: event", seen=_short(row["event"]), expected="program, and no key beside it")
        return MapItem(PROGRAM_NAME, node, namespace, None)
    key = str(row.get("key", ""))
    try:
        return MapItem(key, node, namespace, _column(key, row, where))
    except BadValue as error:
        raise BadSettings(where, seen=_short(error.seen), expected=str(error.expected)) from error


def _column(key: str, row: Mapping[str, Any], where: str) -> Column:
    if "texts" in row:
        table = _mapping(row["texts"], f"{where}: texts")
        texts = tuple(dict.fromkeys(str(text) for text in table.values()))
        named = {value: str(text) for value, text in table.items()}
        return Column(Signal(key, str(row.get("unit", "")), "text", texts=texts), lambda raw: _named(raw[key], named))
    low, high = _range(row, where)
    scale = _number(row, "scale", where, 1.0)
    if scale == 0.0:
        raise BadSettings(f"{where}: scale", seen=0, expected="a number other than 0")
    resolution = _number(row, "resolution", where, 1.0)
    signal = Signal(
        key, str(row.get("unit", "")), resolution=resolution, native_unit=str(row.get("native_unit", "")),
        native_name=str(row.get("node", "")),
    )  # fmt: skip
    return Column(signal, lambda raw: _scaled(raw[key], scale), low, high)


def _named(value: Any, named: Mapping[Any, str]) -> Value:
    return named.get(value) if isinstance(value, int | str) else None


def _scaled(value: Any, scale: float) -> Value:
    return float(value) * scale if isinstance(value, int | float) else None


def _range(row: Mapping[str, Any], where: str) -> tuple[float, float]:
    value = row.get("range")
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_number(limit) for limit in value)
    if not numbers or not value[0] < value[1]:  # type: ignore[index]
        raise BadSettings(f"{where}: range", seen=_short(value), expected="[lowest, highest] believable value")
    return float(value[0]), float(value[1])  # type: ignore[index]


def _number(row: Mapping[str, Any], field: str, where: str, otherwise: float) -> float:
    value = row.get(field, otherwise)
    if not _is_number(value):
        raise BadSettings(f"{where}: {field}", seen=_short(value), expected="a number from -1e15 to 1e15")
    return float(value)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and -1e15 <= value <= 1e15


def _mapping(value: Any, where: str) -> Mapping[Any, Any]:
    if not isinstance(value, dict) or not value:
        raise BadSettings(where, seen=_short(value), expected="a mapping that is not empty")
    return value


def _known(row: Any, known: set[str], where: str) -> None:
    if not isinstance(row, Mapping):
        raise BadSettings(where, seen=_short(row), expected="a mapping")
    unknown = sorted(map(str, row.keys() - known))
    if unknown:
        raise BadSettings(where, seen=_short(unknown), expected=f"only {', '.join(sorted(known))}")


def _short(value: Any) -> Any:
    """What an error shows of a value that may be large."""
    text = str(value)
    return value if len(text) <= 120 else text[:117] + "..."
