"""Tables, tenants and handlers once per test module: these tests read, or write rows of their own."""

from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import dynamodb_url  # noqa: F401
