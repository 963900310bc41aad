"""Handlers over real tables, made as for tests/api."""

from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import dynamodb_url  # noqa: F401
