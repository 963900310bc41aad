from collections.abc import Iterator

import pytest

from tests.local_cloud.core.running import Running


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = Running(tmp_path_factory.mktemp("cloud"))
    yield started
    started.stop()
