from tests.api.tenants import *  # noqa: F403
from tests.cloud.fixtures import *  # noqa: F403
