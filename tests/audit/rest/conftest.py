"""Tables, tenants and handlers once per test module."""

from tests.api.tenants import *  # noqa: F403
