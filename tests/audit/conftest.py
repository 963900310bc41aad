from tests.cloud.fixtures import *  # noqa: F403
