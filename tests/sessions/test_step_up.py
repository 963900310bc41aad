"""What is dangerous asks once more who it is."""

from datetime import timedelta

import pytest

from tests.sessions.desk import Desk, Token

KEY = {"name": "drafts", "scopes": ["programs"]}


def key_made(desk: Desk, who: Token) -> tuple[int, str]:
    status, body = desk.ask(who, "POST", "/v1/keys", KEY)
    return status, body.get("code", "")


def test_a_person_without_a_factor_has_to_have_signed_in_lately(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    desk.context(anna)
    desk.age(anna, auth=timedelta(minutes=6))
    assert key_made(desk, anna) == (403, "auth.step_up")
    assert desk.ask(anna, "POST", "/v1/keys", {"name": "reads", "scopes": ["read"]})[0] == 200
    desk.age(anna, auth=timedelta(minutes=4))
    assert key_made(desk, anna)[0] == 200


def test_a_person_with_a_factor_has_to_show_it_and_a_fresh_sign_in_is_not_enough(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    code = desk.enrol(anna)
    desk.age(anna, factor=timedelta(minutes=6))
    assert key_made(desk, anna) == (403, "auth.step_up")
    assert desk.ask(anna, "POST", "/v1/sessions/current/factor", {"code": code()})[0] == 200
    assert key_made(desk, anna)[0] == 200


def test_proof_counts_at_once_whatever_the_authorizer_still_remembers(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"))
    desk.enrol(anna)
    desk.age(anna, factor=timedelta(minutes=6))
    desk.context(anna)
    kept = dict(desk.authorizer.recent._kept)
    desk.age(anna, factor=timedelta())
    desk.authorizer.recent._kept.update(kept)
    assert key_made(desk, anna)[0] == 200


@pytest.mark.parametrize("path", ["/v1/second-factor/recovery-codes", "/v1/second-factor/phone"])
def test_an_api_key_proves_nothing(desk: Desk, path: str) -> None:
    body = {"number": "+4915112345678"} if path.endswith("phone") else {}
    assert desk.ask(f"Bearer {desk.shop.secret}", "POST", path, body)[1]["code"] == "auth.forbidden"
