"""Codes of an authenticator app: the vectors of the standard, and none works twice."""

import pytest

from cnc.domain.identity.totp import STEP_S, code, matching_step, new_secret, provisioning_uri

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(at_s: int, digits: str) -> None:
    assert code(SECRET, step=at_s // STEP_S) == digits


def test_a_code_of_this_step_or_the_one_before_counts() -> None:
    now_s = 3000
    steps = range(now_s // STEP_S - 2, now_s // STEP_S + 3)
    taken = [matching_step(SECRET, code(SECRET, step=step), now_s=now_s, last_step=0) for step in steps]
    assert taken == [None, 99, 100, None, None]


def test_a_code_counts_once() -> None:
    step = matching_step(SECRET, code(SECRET, step=100), now_s=3000, last_step=0)
    assert step == 100
    assert matching_step(SECRET, code(SECRET, step=100), now_s=3000, last_step=step) is None


@pytest.mark.parametrize("given", ["", "00000", "abcdef", "٣٣٣٣٣٣"])  # fmt: skip
def test_what_is_no_code_is_refused(given: str) -> None:
    assert matching_step(SECRET, given, now_s=3000, last_step=0) is None


def test_an_authenticator_is_told_secret_and_issuer() -> None:
    uri = provisioning_uri(new_secret(bytes), account="ann@example.com", issuer="CNC Copilot")
    assert uri == f"otpauth://totp/CNC%20Copilot:ann%40example.com?secret={'A' * 32}&issuer=CNC%20Copilot"
