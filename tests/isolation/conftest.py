"""One stage with four tenants for all isolation tests."""

import random
from collections.abc import Iterator

import pytest

from cli import built
from tests.api.issuer import Issuer
from tests.isolation.desks import Desk
from tests.isolation.shops import Founder, Shop
from tests.isolation.stage import Stage
from tests.isolation.ways import Bench

#: Machines by tenant: the first two have the same shape, so that only ids tell them apart.
SHAPES = {"amber": 2, "birch": 2, "cedar": 3, "dawn": 1}


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    started = Stage(built.assembly(), tmp_path_factory.mktemp("stage"))
    yield started
    started.close()


@pytest.fixture(scope="package")
def desk(stage: Stage) -> Iterator[Desk]:
    made = Desk(stage, Issuer.fresh())
    yield made
    made.forget()


@pytest.fixture(scope="package")
def founder(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Founder:
    return Founder(desk, tmp_path_factory.mktemp("edge"))


@pytest.fixture(scope="package")
def shops(founder: Founder) -> list[Shop]:
    """Amber and birch have the same shape; dawn is suspended and makes no attempts but as such."""
    *found, dawn = [founder.found(name, machines=machines) for name, machines in SHAPES.items()]
    founder.suspend(dawn)
    for shop in found:
        shop.suspended = dawn
    return found


@pytest.fixture(scope="package")
def bench(desk: Desk, shops: list[Shop]) -> Bench:
    suspended = [shop.suspended for shop in shops if shop.suspended]
    return Bench(desk, [(shop.tenant, shop.canary) for shop in [*shops, *suspended[:1]]])


@pytest.fixture
def rng() -> random.Random:
    return random.Random(20261125)
