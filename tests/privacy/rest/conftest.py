"""Tables, tenants and handlers once per test module; people are accounts of a pool and have real tokens."""

from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import dynamodb_url  # noqa: F401
from tests.people.desk import *  # noqa: F403
