"""What holds for every test: generated cases are the same in each run, and no case is judged by its time."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.product.running import Product, running

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where tests/conformance runs; here, since options are read before that folder is."""
    parser.addoption("--target", choices=("local", "ministack", "aws"), default="local", help="of tests/conformance")
    parser.addoption("--deployed", default="", help="facts of the stack that a tool deployed to another target")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What uses the shared product needs the whole cloud: `make test` runs such tests in a lane of their own."""
    for item in items:
        if "product" in getattr(item, "fixturenames", ()):
            item.add_marker("cloud")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running product for the whole session; tests that break it, or count what is in it, start their own."""
    with running(tmp_path_factory.mktemp("product")) as started:
        yield started
