"""Roles by site are given, changed and taken; somebody always stays who owns the company."""

import threading

import pytest

from cnc.cloud.tenancy.session_rows import SessionTable
from tests.people.desk import Office, Visitor

UNKNOWN = "u_0000000000000000"


@pytest.fixture
def mia(office: Office) -> Visitor:
    person = office.visitor()
    person.founds()
    return person.again()


def test_a_change_of_roles_counts_with_the_next_request(mia: Visitor) -> None:
    ben = mia.hires({"*": ["viewer"]})
    assert ben.ask("GET", "/v1/invitations")[0] == 403
    status, person = mia.ask("PATCH", f"/v1/people/{ben.user}", {"grants": {"*": ["admin"]}})
    assert (status, person["grants"]) == (200, {"*": ["admin"]})
    assert ben.again().ask("GET", "/v1/invitations")[0] == 200


def test_who_was_let_go_is_out_and_stays_a_name(mia: Visitor) -> None:
    ben = mia.hires({"*": ["operator"]})
    user = ben.user
    assert mia.ask("DELETE", f"/v1/people/{user}")[0] == 200
    assert ben.again().ask("GET", "/v1/tenant")[1]["code"] == "auth.no_membership"
    gone = next(one for one in mia.ask("GET", "/v1/people")[1]["people"] if one["id"] == user)
    assert (gone["name"], gone["left"], gone["email"], gone["grants"], gone["endsAt"]) == (
        "Somebody",
        True,
        None,
        None,
        None,
    )
    assert mia.ask("GET", f"/v1/people/{user}")[0] == 404


def test_who_left_may_be_invited_again(mia: Visitor) -> None:
    ben = mia.hires({"*": ["operator"]})
    mia.ask("DELETE", f"/v1/people/{ben.user}")
    assert mia.invites(ben.email, {"*": ["viewer"]})[0] == 200
    assert ben.again().accepts()[0] == 200


def test_people_leave_by_themselves(mia: Visitor) -> None:
    ben = mia.hires({"*": ["operator"]})
    assert ben.ask("DELETE", f"/v1/people/{ben.user}")[0] == 200


def test_the_last_owner_stays(mia: Visitor) -> None:
    mia.hires({"*": ["admin"]})
    me = mia.user
    assert mia.ask("DELETE", f"/v1/people/{me}")[1]["code"] == "people.last_owner"
    assert mia.ask("PATCH", f"/v1/people/{me}", {"grants": {"*": ["admin"]}})[1]["code"] == "people.last_owner"
    with_end = {"grants": {"*": ["owner", "admin"]}, "endsAt": "2027-01-01T00:00:00Z"}
    assert mia.ask("PATCH", f"/v1/people/{me}", with_end)[1]["code"] == "people.last_owner"
    mia.hires({"*": ["owner"]})
    assert mia.ask("DELETE", f"/v1/people/{me}")[0] == 200


def test_two_owners_who_remove_one_another_at_once_leave_one(mia: Visitor) -> None:
    ida = mia.hires({"*": ["owner"]})
    mias, idas = mia.user, ida.user
    answers: list[int] = []
    both = [
        threading.Thread(target=lambda: answers.append(mia.ask("DELETE", f"/v1/people/{idas}")[0])),
        threading.Thread(target=lambda: answers.append(ida.ask("DELETE", f"/v1/people/{mias}")[0])),
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=30)
    alive = [who for who in (mia.again(), ida.again()) if who.ask("GET", "/v1/tenant")[0] == 200]
    assert (len(answers), answers.count(200), len(alive)) == (2, 1, 1)


def test_an_admin_takes_nothing_from_an_owner(mia: Visitor) -> None:
    admin = mia.hires({"*": ["admin"]})
    me = mia.user
    assert admin.ask("PATCH", f"/v1/people/{me}", {"grants": {"*": ["viewer"]}})[1]["code"] == "auth.forbidden"
    assert admin.ask("DELETE", f"/v1/people/{me}")[1]["code"] == "auth.forbidden"
    body = {"grants": {"*": ["owner", "admin"]}}
    assert admin.ask("PATCH", f"/v1/people/{admin.user}", body)[1]["code"] == "auth.forbidden"


def test_people_of_another_company_are_as_if_unknown(office: Office, mia: Visitor) -> None:
    other = office.visitor()
    theirs = other.founds("Others")["userId"]
    change = {"grants": {"*": ["viewer"]}}
    for method, body in (("GET", None), ("PATCH", change), ("DELETE", None)):
        assert mia.ask(method, f"/v1/people/{theirs}", body) == mia.ask(method, f"/v1/people/{UNKNOWN}", body)
        assert mia.ask(method, f"/v1/people/{theirs}", body)[0] == 404


def test_two_companies_of_one_person_are_kept_apart_by_the_session(office: Office, mia: Visitor) -> None:
    other = office.visitor()
    theirs = other.founds("Others")["tenantId"]
    other = other.again()
    assert other.invites(mia.email, {"*": ["viewer"]})[0] == 200
    assert mia.accepts("Mia")[0] == 200
    mia = mia.again()
    own = mia.ask("GET", "/v1/tenant")[1]["id"]
    assert own != theirs
    assert [one["current"] for one in mia.ask("GET", "/v1/memberships")[1]["memberships"]] == [True, False]
    assert mia.ask("POST", "/v1/sessions/current/tenant", {"tenantId": theirs})[0] == 200
    mia = mia.again()
    assert mia.ask("GET", "/v1/tenant")[1]["id"] == theirs
    assert mia.ask("GET", "/v1/invitations")[0] == 403  # a viewer there
    unknown = mia.ask("POST", "/v1/sessions/current/tenant", {"tenantId": "t_0000000000000000"})
    assert unknown[0] == 404
    assert other.ask("DELETE", f"/v1/people/{mia.user}")[0] == 200
    assert mia.again().ask("GET", "/v1/tenant")[1]["id"] == own


def test_nobody_switches_to_a_company_they_do_not_belong_to(office: Office, mia: Visitor) -> None:
    other = office.visitor()
    theirs = other.founds("Others")["tenantId"]
    foreign = mia.ask("POST", "/v1/sessions/current/tenant", {"tenantId": theirs})
    assert foreign == mia.ask("POST", "/v1/sessions/current/tenant", {"tenantId": "t_0000000000000000"})
    assert foreign[0] == 404


class Posted:
    """The sockets of API Gateway: which were closed."""

    def __init__(self) -> None:
        self.closed: list[str] = []

    def __call__(self, connection: str, message: bytes, /) -> bool:
        return b"auth.ended" in message

    def end(self, connection: str, /) -> None:
        self.closed.append(connection)


def test_open_sockets_end_with_the_rights_they_were_opened_with(
    office: Office, mia: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, posted = mia.hires({"*": ["operator"]}), Posted()
    monkeypatch.setattr("functions.rest.account.ConnectionPost", lambda _: posted)
    this = ben.ask("GET", "/v1/sessions/current")[1]["id"]
    rows = SessionTable(office.cloud.raw, table=office.cloud.tables["directory"])
    for connection in ("c1=", "c2="):
        assert rows.attach(this, connection)
    assert mia.ask("PATCH", f"/v1/people/{ben.user}", {"grants": {"*": ["viewer"]}})[0] == 200
    assert sorted(posted.closed) == ["c1=", "c2="]
    session = rows.get(this)
    assert session is not None
    assert (session.ended_ms, session.connections) == (0, frozenset())  # the sign-in itself goes on
