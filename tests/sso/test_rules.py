"""Who must come through a company's provider, whose provider it is, and what DNS says."""

import json

import pytest

from cnc.cloud.dns_txt import RESOLVERS, txt_records
from cnc.cloud.issuer_facts import IssuerFacts
from cnc.cloud.jwks import IssuerUnreachable
from cnc.domain.base.errors import CncError
from cnc.domain.identity.sso import Kind, Rule, Settings, checked, domain_of, findings, provider_of, vouch

ID = "f_0123456789abcdef"
RULE = Rule(ID, frozenset({"shop.example"}), frozenset({"u_boss"}))


@pytest.mark.parametrize(
    ("provider", "user", "domain", "admitted"),
    [
        (ID, "u_1", "shop.example", True),
        ("", "u_1", "shop.example", False),
        ("", "u_1", "", False),
        ("", "u_1", "elsewhere.example", True),
        ("", "u_boss", "shop.example", True),
        ("f_other", "u_1", "shop.example", False),
        ("f_other", "u_1", "elsewhere.example", True),
    ],
)
def test_people_of_the_domains_come_through_the_provider(provider: str, user: str, domain: str, admitted: bool) -> None:
    again = Rule.of_text(RULE.text())
    assert again == RULE
    assert RULE.admits(provider=provider, user=user, domain=domain) is admitted


def test_no_rule_is_none() -> None:
    assert Rule.of_text("") is None


@pytest.mark.parametrize(
    ("username", "provider"),
    [
        (f"{ID}_anna", ID),
        (f"{ID}_anna\nx", ID),
        (f"{ID}_", ""),
        (ID, ""),
        ("11111111-2222-3333-4444-555555555555", ""),
        ("anna@example.com", ""),
        (f"x{ID}_anna", ""),
        ("f_0123456789ABCDEF_anna", ""),
        ("", ""),
    ],
)
def test_a_user_name_tells_the_provider(username: str, provider: str) -> None:
    assert provider_of(username) == provider


@pytest.mark.parametrize(
    ("email", "domain"), [("a@Shop.Example", "shop.example"), ("a@b@c.example", "c.example"), ("@x", ""), ("a", "")]
)
def test_the_domain_of_an_address(email: str, domain: str) -> None:
    assert domain_of(email) == domain


def test_what_a_provider_says_is_held_against_what_was_asked_for() -> None:
    settings = checked(Settings(Kind.OIDC, issuer="https://i", client_id="c", domains=("Shop.Example",)))
    vouch(settings, {"email": "a@shop.example"})
    with pytest.raises(CncError, match="elsewhere"):
        vouch(settings, {"email": "a@elsewhere.example"})
    assert [one.ok for one in findings(settings, {})] == [False, False]


def test_a_trial_counts_until_anything_changes() -> None:
    base = Settings(Kind.OIDC, issuer="https://i", client_id="c", domains=("a.example",))
    prints = {
        base.fingerprint(secret_version=1),
        base.fingerprint(secret_version=2),
        Settings(Kind.OIDC, issuer="https://j", client_id="c", domains=("a.example",)).fingerprint(secret_version=1),
        Settings(Kind.OIDC, issuer="https://i", client_id="d", domains=("a.example",)).fingerprint(secret_version=1),
        Settings(Kind.OIDC, issuer="https://i", client_id="c", domains=("b.example",)).fingerprint(secret_version=1),
    }
    assert len(prints) == 5


def _answer(*texts: str, kind: int = 16) -> bytes:
    return json.dumps({"Answer": [{"type": kind, "data": text} for text in texts]}).encode()


def test_records_are_read_in_one_piece_and_of_their_kind() -> None:
    asked = []

    def get(address: str) -> bytes:
        asked.append(address)
        return _answer('"cnc-copilot=ab" "cd"', '"other"')

    assert txt_records("_cnc-copilot.a.example", get=get) == ("cnc-copilot=abcd", "other")
    assert asked == [f"{RESOLVERS[0]}?name=_cnc-copilot.a.example&type=TXT"]
    assert txt_records("a.example", get=lambda _: _answer('"x"', kind=5)) == ()
    assert txt_records("a.example", get=lambda _: b"{}") == ()


def test_the_second_resolver_is_asked_when_the_first_is_away_and_none_is_told() -> None:
    def second_only(address: str) -> bytes:
        if address.startswith(RESOLVERS[0]):
            raise CncError("address.unreachable")
        return _answer('"here"')

    assert txt_records("a.example", get=second_only) == ("here",)
    for broken in (lambda _: b"no json", lambda _: (_ for _ in ()).throw(CncError("address.unreachable"))):
        with pytest.raises(CncError) as told:
            txt_records("a.example", get=broken)
        assert told.value.code == "address.unreachable"


def test_our_own_issuer_away_is_told_as_such() -> None:
    def away(address: str) -> bytes:
        raise IssuerUnreachable(address)

    with pytest.raises(CncError) as told:
        IssuerFacts(issuer="https://issuer.test/pool", fetch=away).redirect_addresses()
    assert told.value.status == 503
