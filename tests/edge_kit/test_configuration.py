"""Each component's configuration schema says what its code reads, takes the defaults, and nothing beside them."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from greengrass_components.edge_kit.config import SourceConfig
from infra_cdk import components, packaging

RELEASED = components.released()
DRIVERS = ["focas", "modbus", "mtconnect", "opcua"]
OUTPUTS = ["mtconnect_agent", "sparkplug"]
OF_EVERY_SOURCE = set(SourceConfig.__dataclass_fields__) - {"settings"} | {"rate_hz"}
SOURCE = {"id": "d_" + "0" * 16, "machine": "m_" + "0" * 16, "host": "10.0.0.5", "period_ms": 1000}
READERS = {"get", "text", "whole", "flag", "secret_file", "_text", "_choice", "_whole"}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(f"greengrass_components/{name}/configuration.schema.json").read_text())
    return found


def part(name: str, kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name)["$defs"][kind])


def is_settings(node: ast.expr) -> bool:
    """`settings`, `….settings`, and `given`, which is what the OPC UA component calls them."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("settings", "given")


def texts(nodes: list[ast.expr]) -> list[str]:
    return [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def read_by_code(name: str) -> Iterator[str]:
    """Names of settings that the component's own modules read."""
    for dotted, path in packaging.closure(f"greengrass_components.{name}.__main__").items():
        if not dotted.startswith(f"greengrass_components.{name}"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                method = isinstance(node.func, ast.Attribute) and is_settings(node.func.value)
                function = bool(node.args) and is_settings(node.args[0])
                if named in READERS and (method or function):
                    yield texts(node.args)[0]
            elif isinstance(node, ast.Subscript) and is_settings(node.value):
                yield from texts([node.slice])


@pytest.mark.parametrize("name", RELEASED)
def test_the_defaults_of_a_recipe_are_what_its_schema_allows(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    recipe = components.recipe(name, uri="s3://b/h.zip", folder="h")
    defaults = recipe["ComponentConfiguration"]["DefaultConfiguration"]
    Draft202012Validator(found).validate(defaults)
    assert found["properties"].keys() == defaults.keys()
    script = recipe["Manifests"][0]["Lifecycle"]["Startup"]["Script"]
    asked = {one.partition("}")[0] for one in script.split("{configuration:/")[1:]}
    assert asked == set(found["properties"]) - {"accessControl"}, "what the script asks for and nothing else"
    with pytest.raises(ValidationError):
        Draft202012Validator(found).validate({**defaults, "bootstap": "/x"})


@pytest.mark.parametrize("name", DRIVERS)
def test_settings_of_a_source_are_those_that_the_driver_reads(name: str) -> None:
    known = set(schema(name)["$defs"]["source"]["properties"])
    assert known - OF_EVERY_SOURCE == set(read_by_code(name))
    assert known >= OF_EVERY_SOURCE


@pytest.mark.parametrize("name", OUTPUTS)
def test_settings_of_an_output_are_those_that_it_reads(name: str) -> None:
    assert set(schema(name)["$defs"]["output"]["properties"]) - {"enabled", "names"} == set(read_by_code(name))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("focas", {}),
        ("focas", {"path": 2, "backend": "vendor", "port": 8193, "simulated": True}),
        ("modbus", {"map": "energy_meter", "unit": 0, "transport": "rtu_over_tcp", "timeout_ms": 20}),
        ("mtconnect", {"device": "Mill-1", "tls": True}),
        ("opcua", {"user": {"name": "reader", "password_file": "/etc/x"}, "reading": "read", "queue": 1}),
    ],
)
def test_a_source_that_works_is_allowed(name: str, settings: dict[str, Any]) -> None:
    part(name, "source").validate({**SOURCE, "component": name, **settings})


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("focas", {"path": 0}),
        ("focas", {"library": "/tmp/x.so"}),
        ("modbus", {}),
        ("modbus", {"map": "m", "unit": 256}),
        ("modbus", {"map": "m", "timeout_ms": 19}),
        ("mtconnect", {"stream": "yes"}),
        ("opcua", {"map": "a", "nodes": "b"}),
        ("opcua", {"user": {"name": "x", "password": "secret"}}),
        ("opcua", {"sampling_ms": 9}),
    ],
)
def test_a_source_that_no_driver_takes_is_refused(name: str, settings: dict[str, Any]) -> None:
    assert not part(name, "source").is_valid({**SOURCE, "component": name, **settings})


@pytest.mark.parametrize("file", ["../key.pem", "/etc/key.pem", ".hidden", "a\\b"])
def test_an_output_names_files_in_its_folder_alone(file: str) -> None:
    assert part("sparkplug", "output").is_valid({"enabled": True, "host": "h", "key_file": "key.pem"})
    assert not part("sparkplug", "output").is_valid({"enabled": True, "host": "h", "key_file": file})
