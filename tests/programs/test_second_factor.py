"""A second factor is set up once, and a code of it counts once."""

from base64 import b32decode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from cnc.cloud.store.factors import FactorStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.base.errors import CncError
from cnc.domain.identity.totp import STEP_S, code
from cnc.services.second_factor import LOCK_S, MOST_MISSES, confirm, enrol, show
from tests.cloud.fixtures import Cloud
from tests.programs.vault import TENANT

USER = "u_0123456789abcdef"
NOW_S = 1_700_000_000


@pytest.fixture
def factors(cloud: Cloud) -> Iterator[FactorStore]:
    with acting_for(TENANT):
        yield FactorStore(cloud.clients, table=cloud.tables["shop"])


def enrolled(factors: FactorStore) -> bytes:
    uri = enrol(USER, account="ann@example.com", factors=factors, random=lambda size: bytes(range(size)))
    (secret,) = parse_qs(urlsplit(uri).query)["secret"]
    return b32decode(secret)


def at(secret: bytes, now_s: int) -> str:
    return code(secret, step=now_s // STEP_S)


def test_a_code_counts_once_after_the_factor_was_confirmed(factors: FactorStore) -> None:
    secret = enrolled(factors)
    with pytest.raises(CncError):
        show(USER, at(secret, NOW_S), factors=factors, now_s=NOW_S)
    confirm(USER, at(secret, NOW_S), factors=factors, now_s=NOW_S)
    later = NOW_S + STEP_S
    assert show(USER, at(secret, later), factors=factors, now_s=later) == later * 1000
    with pytest.raises(CncError, match="fit"):
        show(USER, at(secret, later), factors=factors, now_s=later)


def test_guessing_is_locked_out_even_with_the_right_code(factors: FactorStore) -> None:
    secret = enrolled(factors)
    confirm(USER, at(secret, NOW_S), factors=factors, now_s=NOW_S)
    for _ in range(MOST_MISSES):
        with pytest.raises(CncError):
            show(USER, "000000", factors=factors, now_s=NOW_S + 60)
    with pytest.raises(CncError, match="too many"):
        show(USER, at(secret, NOW_S + 60), factors=factors, now_s=NOW_S + 60)
    later = NOW_S + 60 + LOCK_S
    assert show(USER, at(secret, later), factors=factors, now_s=later)


def test_a_confirmed_factor_is_not_replaced_by_who_holds_the_session(factors: FactorStore) -> None:
    secret = enrolled(factors)
    confirm(USER, at(secret, NOW_S), factors=factors, now_s=NOW_S)
    with pytest.raises(CncError):
        enrolled(factors)
