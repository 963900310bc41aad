"""Tables, tenants and handlers once per test module; every test has people of its own."""

from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import dynamodb_url  # noqa: F401
from tests.sessions.desk import *  # noqa: F403
