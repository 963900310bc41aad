import pytest

from greengrass_components.opcua.driver.node_map import load_map, parse_map, resolve
from greengrass_components.opcua.errors import BadSettings

SPACES = ["http://opcfoundation.org/UA/", "urn:server", "urn:maker:press"]


def test_a_node_is_found_by_index_by_namespace_or_by_the_default_one() -> None:
    text = """
    v: 1
    defaults: {namespace: "urn:maker:press"}
    items:
      - {key: a.one, node: "ns=1;i=7", range: [0, 1]}
      - {key: a.two, node: "nsu=urn:server;s=Two", range: [0, 1]}
      - {key: a.three, node: "s=Three", range: [0, 1]}
      - {event: program, node: "s=Program"}
    """
    found = resolve(parse_map(text, name="nodes"), SPACES)
    assert {role: (node.NamespaceIndex, node.Identifier) for role, node in found.nodes.items()} == {
        "a.one": (1, 7),
        "a.two": (1, "Two"),
        "a.three": (2, "Three"),
        "program.name": (2, "Program"),
    }
    assert [column.signal.key for column in found.columns] == ["a.one", "a.two", "a.three"]


@pytest.mark.parametrize(
    ("raw", "stored"),
    [(500, 50), (0, 0), (2001, None), (-1, None), ("500", None), (None, None), ([1], None), (float("nan"), None)],
)
def test_a_value_is_scaled_and_believed_within_its_range_only(raw: object, stored: int | None) -> None:
    (column,) = resolve(
        parse_map("v: 1\nitems:\n - {key: s1.load, node: i=1, unit: PERCENT, scale: 0.1, range: [0, 200]}", name="n"),
        SPACES,
    ).columns
    assert column.scaled({"s1.load": raw}) == stored


@pytest.mark.parametrize(("raw", "text"), [(0, "READY"), (3, "ACTIVE"), (7, None), (None, None), (True, None)])
def test_numbers_are_named(raw: object, text: str | None) -> None:
    items = parse_map("v: 1\nitems:\n - {key: a.b, node: i=1, texts: {0: READY, 3: ACTIVE}}", name="n")
    (column,) = resolve(items, SPACES).columns
    assert column.signal.value(column.scaled({"a.b": raw})) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "v: 1"),
        ("[" * 5000, "YAML"),
        ("v: 2", "v: 1"),
        ("v: 1\nitems: []", "1 to 200"),
        ("v: 1\nitems: [7]", "a mapping"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [1, 0]}]", "lowest, highest"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [0, .inf]}]", "lowest, highest"),
        ("v: 1\nitems: [{key: a.b, node: what, range: [0, 1]}]", "a node id"),
        ("v: 1\nitems: [{key: a.b, node: i=x, range: [0, 1]}]", "a node id"),
        ("v: 1\nitems: [{key: A, node: i=1, range: [0, 1]}]", "x.position.actual"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [0, 1], scale: 0}]", "other than 0"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [0, 1], resolution: 0}]", "above 0"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [0, 1], size: 1}]", "only event"),
        ("v: 1\nitems: [{event: party, node: i=1}]", "program"),
        ("v: 1\nitems: [{key: a.b, node: i=1, range: [0, 1]}, {key: a.b, node: i=2, range: [0, 1]}]", "every key once"),
        ("v: 1\ndefaults: 7\nitems: [{key: a.b, node: i=1, range: [0, 1]}]", "a mapping"),
        ("v: 1\nname: " + "x" * 70000, "at most"),
        ("v: 1\nitems: [{key: a.b, node: i=1, texts: {[1]: A}}]", "YAML"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(BadSettings, match=message):
        parse_map(text, name="nodes")


def test_maps_of_the_component_are_loaded_by_name() -> None:
    assert len(load_map("plain_mill")) > 10
    with pytest.raises(BadSettings, match="plain_mill"):
        load_map("../settings")
