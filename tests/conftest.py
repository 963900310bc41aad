"""What holds for every test: generated cases are the same in each run, and no case is judged by its time."""

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where tests/conformance runs; here, since options are read before that folder is."""
    parser.addoption("--target", choices=("local", "ministack", "aws"), default="local", help="of tests/conformance")
    parser.addoption("--deployed", default="", help="facts of the stack that a tool deployed to another target")
