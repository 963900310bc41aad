"""One suite, three targets (`--target`): what the product relies on of AWS; of the local cloud it is asked always.

Where a target is known to answer otherwise stands in differences.toml, with the reason: an expected failure there.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.conformance.targets import Target, local

FOLDER = Path(__file__).parent
DIFFERENCES = FOLDER / "differences.toml"
# What a case ends with when the target answers otherwise; anything else is a mistake of the suite.
_ANSWERED = (AssertionError, ClientError, BotoCoreError, pytest.fail.Exception)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the known differences of the chosen target."""
    chosen = config.getoption("--target")
    here = {f"{item.path.name}::{item.name}": item for item in items if FOLDER in item.path.parents}
    for row in tomllib.loads(DIFFERENCES.read_text()).get(chosen, []):
        if row["case"] in here:
            known = pytest.mark.xfail(reason=row["instead"], strict=row.get("always", True), raises=_ANSWERED)
            here[row["case"]].add_marker(known)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    chosen, deployed = request.config.getoption("--target"), request.config.getoption("--deployed")
    if chosen == "local":
        with local(tmp_path_factory.mktemp("local")) as started:
            yield started
    elif deployed:
        yield Target.load(Path(deployed), target=chosen)
    else:
        raise pytest.UsageError(f"--target={chosen} needs --deployed: run `make test-{TOOLS[chosen]}`, which deploys")


TOOLS = {"ministack": "deploy", "aws": "aws"}
