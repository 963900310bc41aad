from tests.cloud.fixtures import *  # noqa: F403
from tests.functions.parts import *  # noqa: F403
