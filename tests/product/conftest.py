"""One running product for the session; tests that break it start their own."""

from collections.abc import Iterator

import pytest

from tests.browser import chromium
from tests.product.running import Product, running

browser, context, watched = chromium.browser, chromium.context, chromium.watched


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("product")) as started:
        yield started
