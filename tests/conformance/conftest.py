from collections.abc import Iterator

import pytest

from tests.conformance.targets import TARGETS, Names, Target


@pytest.fixture(scope="session", params=sorted(TARGETS))
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with TARGETS[request.param](tmp_path_factory.mktemp(request.param)) as started:
        yield started


@pytest.fixture(scope="session")
def names() -> Names:
    return Names()
