"""OPC UA node maps as people write them in the gateway's configuration."""

from greengrass_components.opcua.driver.node_map import parse_map, resolve
from greengrass_components.opcua.errors import BadSettings
from tests.fuzz.target import Target

_SPACES = ["http://opcfoundation.org/UA/", "urn:server", "urn:maker"]
_VALUES = (None, 0, 1, True, 1.5, float("nan"), float("inf"), 2**63, "text", b"bytes", [1], {"a": 1})


def parse(data: bytes) -> None:
    model = resolve(parse_map(data.decode("utf-8", "replace"), name="fuzzed"), _SPACES)
    for value in _VALUES:
        raw = dict.fromkeys(model.nodes, value)
        for column in model.columns:
            column.scaled(raw)


_WORDS = """
v: name: title: defaults: namespace: items: key: event: node: unit: scale: range: resolution: texts: program
ns=1;s= ns=2;i= nsu=urn:maker;s= i= s= g= b= s1.load a.b [0,1] {} [] .inf .nan -1 1e308 null true ~ &a *a << !!binary
"""

TARGET = Target(
    parse,
    allowed=(BadSettings,),
    words=(*(word.encode() for word in _WORDS.split()), b"\n  - {", b"}\n", b"g=00000000-0000-0000-0000-000000000000"),
)
