"""Manifests are read strictly, and say the truth about what a function imports."""

from pathlib import Path

import pytest

from infra_cdk import manifests, packaging

# Distribution name of what is imported under another one.
DISTRIBUTIONS = {
    "jwt": "pyjwt",
    "strawberry": "strawberry-graphql",
    "aws_lambda_powertools": "aws-lambda-powertools",
    "graphql": "graphql-core",
}
# What one distribution brings by itself, and what it needs beside it without a line that imports it.
BROUGHT = {"strawberry-graphql": {"graphql-core"}}
NEEDED = {"pyjwt": {"cryptography"}}
IN_THE_RUNTIME = {"boto3", "botocore", "typing_extensions"}
GOOD = """
purpose = "Says hello."
memory_mb = 256
timeout_s = 10
[trigger]
invoke = true
[access]
telemetry = "read"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "functions" / "hello" / "function.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_manifest_becomes_a_function_with_its_dotted_handler(tmp_path: Path) -> None:
    assert manifests.read_function(written(tmp_path, GOOD)).handler == "functions.hello.handler.lambda_handler"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("invoke = true", "invok = true", "invok"),
        ("invoke = true", 'invoke = true\nschedule = "rate(1 minute)"', "exactly one trigger"),
        ('telemetry = "read"', 'telemetry = "all"', "read, write, read-write"),
        ('telemetry = "read"', 'telemetri = "read"', "telemetri"),
    ],
)
def test_a_manifest_with_a_mistake_names_it(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(manifests.BadManifest, match=told):
        manifests.read_function(written(tmp_path, GOOD.replace(old, new)))


@pytest.mark.parametrize("name", sorted(manifests.functions()))
def test_the_packages_of_a_function_are_what_its_import_graph_needs(name: str) -> None:
    manifest = manifests.functions()[name]
    imported = packaging.third_party(manifest.handler.rpartition(".")[0]) - IN_THE_RUNTIME
    wanted = {DISTRIBUTIONS.get(package, package) for package in imported}
    for package in sorted(wanted):
        wanted = (wanted - BROUGHT.get(package, set())) | NEEDED.get(package, set())
    assert wanted == set(manifest.packages)


def test_a_package_holds_the_closure_and_nothing_beside_it() -> None:
    modules = packaging.closure("cnc.domain.telemetry.chunk")
    assert "cnc.domain.telemetry.chunk" in modules
    assert not any(module.startswith(("cnc.cloud", "functions", "infra_cdk")) for module in modules)
