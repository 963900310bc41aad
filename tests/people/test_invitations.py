"""Invitations let exactly the invited person in, once, with what the inviter may give."""

from datetime import timedelta
from hashlib import sha256

import pytest

from cnc.domain.base.clock import rfc3339, utc_now
from cnc.services.membership import memberships_of
from tests.people.desk import Office, Visitor


@pytest.fixture
def mia(office: Office) -> Visitor:
    person = office.visitor()
    person.founds()
    return person.again()


def test_the_invited_person_reads_the_letter_and_joins(office: Office, mia: Visitor) -> None:
    ben = office.visitor()
    status, made = mia.invites(ben.email, {"*": ["operator"]})
    assert (status, made["email"], made["grants"]) == (200, ben.email, {"*": ["operator"]})
    letter = ben.ask("POST", "/v1/invitations/letter", {"token": office.token_for(ben.email)})[1]
    assert (letter["company"], letter["invitedBy"], letter["grants"]) == (
        "Precision Parts",
        "Mia Sommer",
        {"*": ["operator"]},
    )
    assert ben.accepts("Ben Ito")[0] == 200
    ben = ben.again()
    assert ben.ask("GET", "/v1/memberships")[1]["memberships"][0]["roles"] == ["operator"]
    people = {person["role"]: person for person in ben.ask("GET", "/v1/people")[1]["people"]}
    assert people["operator"]["email"] == ben.email
    # Names and addresses of others are not an operator's to read; their roles are.
    assert (people["owner"]["name"], people["owner"]["email"]) == ("", None)


def test_the_mail_says_what_it_is_and_holds_the_token_behind_the_fragment(office: Office, mia: Visitor) -> None:
    mia.invites("carl@example.test", {"*": ["maintenance"]})
    letter = office.letters[-1]
    assert letter.destinations["ToAddresses"] == ["carl@example.test"]
    assert "Mia Sommer invites you to Precision Parts" in letter.body
    assert "maintenance everywhere" in letter.body
    assert "https://portal.test/invitation#" in letter.body


def test_the_token_itself_is_stored_nowhere(office: Office, mia: Visitor) -> None:
    mia.invites("dora@example.test", {"*": ["viewer"]})
    token = office.token_for("dora@example.test")
    held = [
        office.cloud.raw.scan(TableName=office.cloud.tables[noun])["Items"] for noun in ("shop", "directory", "audit")
    ]
    assert token not in str(held)
    assert sha256(token.encode()).hexdigest() in str(held)


def test_another_person_cannot_use_it_even_with_the_token(office: Office, mia: Visitor) -> None:
    ben, eve = office.visitor(), office.visitor()
    mia.invites(ben.email, {"*": ["operator"]})
    body = {"token": office.token_for(ben.email), "name": "Eve"}
    assert eve.ask("POST", "/v1/invitations/accept", body)[1]["code"] == "invitation.other_person"
    assert eve.ask("POST", "/v1/invitations/letter", {"token": body["token"]})[1]["code"] == "invitation.other_person"
    assert ben.accepts()[0] == 200  # and it was not used up


def test_an_address_counts_once_it_is_verified(office: Office, mia: Visitor) -> None:
    ben = office.visitor(verified=False)
    mia.invites(ben.email, {"*": ["operator"]})
    assert ben.accepts()[1]["code"] == "invitation.other_person"


def test_it_works_once(office: Office, mia: Visitor) -> None:
    ben = office.visitor()
    mia.invites(ben.email, {"*": ["operator"]})
    assert ben.accepts()[0] == 200
    assert ben.again().accepts()[1]["code"] == "invitation.not_found"


def test_an_acceptance_that_was_cut_off_is_finished_by_the_same_person(
    office: Office, mia: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = office.visitor()
    mia.invites(ben.email, {"*": ["operator"]})

    def cut(*_: object, **__: object) -> None:
        raise ConnectionError("the process ended here")

    with monkeypatch.context() as patch:
        patch.setattr(type(office.directory), "add_membership", cut)
        assert ben.accepts()[0] == 500
    assert ben.ask("GET", "/v1/memberships")[1]["memberships"] == []
    assert ben.accepts()[0] == 200
    people = ben.again().ask("GET", "/v1/people")[1]["people"]
    assert len([person for person in people if person["email"] == ben.email]) == 1


def test_a_revoked_one_and_one_of_another_company_are_as_if_unknown(office: Office, mia: Visitor) -> None:
    other = office.visitor()
    other.founds("Others")
    other = other.again()
    ben = office.visitor()
    made = mia.invites(ben.email, {"*": ["operator"]})[1]
    unknown = other.ask("DELETE", "/v1/invitations/i_0000000000000000")
    assert other.ask("DELETE", f"/v1/invitations/{made['id']}") == unknown
    assert unknown[0] == 404
    assert mia.ask("DELETE", f"/v1/invitations/{made['id']}")[0] == 200
    assert ben.accepts()[1]["code"] == "invitation.not_found"
    assert mia.ask("GET", "/v1/invitations")[1]["invitations"] == []


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        ({"*": ["boss"]}, "value.out_of_range"),
        ({"s_0000000000000000": ["viewer"]}, "site.not_found"),
        ({"*": []}, "request.invalid"),
        ({}, "request.invalid"),
    ],
)
def test_roles_and_sites_that_do_not_exist_are_refused(mia: Visitor, grants: dict[str, list[str]], code: str) -> None:
    assert mia.invites("x@example.test", grants)[1]["code"] == code


@pytest.mark.parametrize("email", ["x", "x@y z", "x@example.test,y@example.test", "x@example.test\ny@z.test", "@"])
def test_no_mail_goes_to_what_is_no_address(office: Office, mia: Visitor, email: str) -> None:
    before = len(office.letters)
    assert mia.invites(email, {"*": ["viewer"]})[0] in (400, 422)
    assert len(office.letters) == before
    assert mia.ask("GET", "/v1/invitations")[1]["invitations"] == []


def test_nobody_gives_more_than_they_have(office: Office, mia: Visitor) -> None:
    admin = mia.hires({"*": ["admin"]})
    assert admin.invites("x@example.test", {"*": ["owner"]})[1]["code"] == "auth.forbidden"
    assert admin.invites("x@example.test", {"*": ["supervisor"]})[0] == 200
    operator = mia.hires({"*": ["operator"]})
    assert operator.invites("x@example.test", {"*": ["viewer"]})[1]["code"] == "auth.forbidden"
    assert operator.ask("GET", "/v1/invitations")[1]["code"] == "auth.forbidden"


def test_an_admin_of_one_site_invites_there_and_nowhere_else(mia: Visitor) -> None:
    hall_2 = mia.ask("POST", "/v1/sites", {"name": "Hall 2", "timeZone": "Europe/Berlin"})[1]["id"]
    hall_1 = next(site["id"] for site in mia.ask("GET", "/v1/tenant")[1]["sites"] if site["id"] != hall_2)
    admin = mia.hires({hall_2: ["admin"]})
    assert admin.invites("x@example.test", {hall_2: ["operator"]})[0] == 200
    assert admin.invites("y@example.test", {"*": ["viewer"]})[1]["code"] == "auth.forbidden"
    assert admin.invites("z@example.test", {hall_1: ["viewer"]})[1]["code"] == "site.not_found"
    assert [site["id"] for site in admin.ask("GET", "/v1/tenant")[1]["sites"]] == [hall_2]
    mia.invites("w@example.test", {hall_1: ["operator"]})
    assert [one["email"] for one in admin.ask("GET", "/v1/invitations")[1]["invitations"]] == ["x@example.test"]


def test_a_dealer_has_access_until_its_end(office: Office, mia: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_at = rfc3339(utc_now() + timedelta(days=30))
    dealer = mia.hires({"*": ["maintenance"]}, accessEndsAt=ends_at)
    assert dealer.ask("GET", "/v1/memberships")[1]["memberships"][0]["endsAt"] == ends_at
    person = mia.ask("GET", f"/v1/people/{dealer.user}")[1]
    assert person["endsAt"] == ends_at
    later = utc_now() + timedelta(days=30, seconds=1)
    held = office.directory.user(issuer="https://issuer.test/pool-1", subject=dealer.subject)
    assert held is not None
    assert [one.ended(later) for one in memberships_of(held)] == [True]
    monkeypatch.setattr(office.authorizer, "utc_now", lambda: later)
    token = office.issuer.token(dealer.subject, iat=int(later.timestamp()), auth_time=int(later.timestamp()),
                                exp=int(later.timestamp()) + 600, origin_jti="later")  # fmt: skip
    status, problem = Visitor(office, dealer.email, dealer.subject, token).ask("GET", "/v1/tenant")
    assert (status, problem["code"]) == (403, "auth.no_membership")


@pytest.mark.parametrize("days", [-1, 400])
def test_an_access_for_a_time_ends_within_a_year(mia: Visitor, days: int) -> None:
    ends_at = rfc3339(utc_now() + timedelta(days=days))
    assert mia.invites("x@example.test", {"*": ["viewer"]}, accessEndsAt=ends_at)[1]["code"] == "value.out_of_range"
