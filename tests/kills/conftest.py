"""`--minutes` stretches or shortens the long proof; kills and rows stay as many."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=int, default=60, help="how long `make kill` goes on killing (default 60)")
