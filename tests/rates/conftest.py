"""Tables, tenants and handlers once per test module, as the tests of the interfaces have them."""

from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import dynamodb_url  # noqa: F401
