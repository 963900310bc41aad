"""One server for all: making its address space takes longer than all that is asked of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from greengrass_components.opcua.certificate import make_certificate
from greengrass_components.opcua.simulator.server import URI, OpcUaSimulator

from .machine import Mill


@pytest.fixture(scope="package")
def mill() -> Mill:
    return Mill()


@pytest.fixture(scope="package")
def users() -> dict[str, str]:
    """Names and passwords the server knows; it lets everyone in while there are none."""
    return {}


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def simulator(
    mill: Mill, users: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OpcUaSimulator]:
    certificate, key = await make_certificate(tmp_path_factory.mktemp("server"), host="localhost", uri=URI)
    made = OpcUaSimulator(mill, name="Mill 1", users=users, certificate=str(certificate), private_key=str(key))
    async with made:
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The gateway's certificate and key."""
    return await make_certificate(tmp_path_factory.mktemp("gateway"), host="localhost")


@pytest.fixture(autouse=True)
def as_it_was(request: pytest.FixtureRequest) -> None:
    """Every test finds the machine cutting."""
    if "mill" in request.fixturenames:
        mill: Mill = request.getfixturevalue("mill")
        mill.__init__()  # type: ignore[misc]
