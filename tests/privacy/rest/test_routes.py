"""The routes of privacy, through the handler, with two tenants in real tables."""

import pytest

from tests.people.desk import Office, Visitor

PRESENT = "2026-11-25"


@pytest.fixture(scope="module")
def owner(office: Office) -> Visitor:
    person = office.visitor()
    person.founds()
    return person.again()


def test_everybody_exports_oneself_and_the_company_is_for_its_heads(owner: Visitor) -> None:
    ben = owner.hires({"*": ["operator"]})
    status, mine = ben.ask("POST", "/v1/exports", {"kind": "person"})
    assert (status, mine["state"], mine["subject"]) == (200, "queued", ben.user)
    assert ben.ask("POST", "/v1/exports", {"kind": "tenant"})[0] == 403
    assert ben.ask("POST", "/v1/exports", {"kind": "machine", "id": "m_0123456789abcdef"})[0] == 403
    assert ben.ask("POST", "/v1/exports", {"kind": "person", "id": owner.user})[0] == 403
    assert [one["id"] for one in ben.ask("GET", "/v1/exports")[1]["exports"]] == [mine["id"]]
    assert ben.ask("POST", f"/v1/exports/{mine['id']}/link", {})[1]["code"] == "export.not_ready"
    whole = owner.ask("POST", "/v1/exports", {"kind": "tenant"})
    assert whole[0] == 200
    assert ben.ask("GET", f"/v1/exports/{whole[1]['id']}")[1]["code"] == "export.not_found"


def test_an_export_of_another_company_is_unknown(office: Office, owner: Visitor) -> None:
    other = office.visitor()
    other.founds()
    other = other.again()
    theirs = other.ask("POST", "/v1/exports", {"kind": "person"})[1]
    assert owner.ask("GET", f"/v1/exports/{theirs['id']}")[1]["code"] == "export.not_found"


def test_agreeing_and_taking_it_back_are_one_request_each(owner: Visitor) -> None:
    document = owner.ask("GET", "/v1/consents")[1]["documents"][0]
    assert document["given"] is False
    body = {"kind": document["kind"], "version": document["version"], "given": True}
    assert owner.ask("POST", "/v1/consents", body)[0] == 200
    assert owner.ask("GET", "/v1/consents")[1]["documents"][0]["given"] is True
    assert owner.ask("POST", "/v1/consents", body | {"version": "2020-01-01"})[1]["code"] == "consent.version"
    assert owner.ask("POST", "/v1/consents", body | {"given": False, "version": "2020-01-01"})[0] == 200
    told = owner.ask("GET", "/v1/consents")[1]
    assert told["documents"][0]["given"] is False
    assert [record["given"] for record in told["records"]] == [True, False]


def test_a_name_is_told_once_the_company_and_the_person_said_so(owner: Visitor) -> None:
    ben = owner.hires({"*": ["operator"]})

    def seen() -> tuple[str, str]:
        people = {one["id"]: one for one in ben.ask("GET", "/v1/people")[1]["people"]}
        return people[owner.user]["name"], people[owner.user]["role"]

    assert seen() == ("", "owner")
    assert ben.ask("PUT", "/v1/privacy/operator-names", {"on": True, "assessed": True})[0] == 403
    assert owner.ask("PUT", "/v1/privacy/operator-names", {"on": True})[1]["code"] == "request.invalid"
    assert owner.ask("PUT", "/v1/privacy/operator-names", {"on": True, "assessed": True})[1]["on"] is True
    assert seen() == ("", "owner"), "the person did not agree"
    consent = {"kind": "name_shown", "version": PRESENT, "given": True}
    assert owner.ask("POST", "/v1/consents", consent)[0] == 200
    assert seen() == ("Mia Sommer", "owner")
    owner.ask("PUT", "/v1/privacy/operator-names", {"on": False})
    assert seen() == ("", "owner")


def test_an_erasure_is_confirmed_by_the_address_and_never_of_the_last_owner(owner: Visitor) -> None:
    ben = owner.hires({"*": ["operator"]})
    wrong = {"personId": ben.user, "confirmation": "somebody@else.test"}
    assert ben.ask("POST", "/v1/erasures", wrong)[1]["code"] == "erasure.confirmation"
    assert ben.ask("POST", "/v1/erasures", {"personId": owner.user, "confirmation": owner.email})[0] == 403
    last = owner.ask("POST", "/v1/erasures", {"personId": owner.user, "confirmation": owner.email})
    assert last[1]["code"] == "erasure.last_owner"
    status, order = ben.ask("POST", "/v1/erasures", {"personId": ben.user, "confirmation": ben.email.upper()})
    assert (status, order["state"]) == (200, "ordered")
    assert owner.ask("GET", "/v1/erasures")[1]["erasures"][0]["personId"] == ben.user


def test_the_end_of_a_company_can_be_taken_back(office: Office) -> None:
    mia = office.visitor()
    mia.founds()
    mia = mia.again()
    assert mia.ask("DELETE", "/v1/tenant", {"confirmation": "Another Name"})[1]["code"] == "request.invalid"
    status, order = mia.ask("DELETE", "/v1/tenant", {"confirmation": "Precision Parts"})
    assert (status, order["state"]) == (200, "scheduled")
    mia = mia.again()
    assert mia.ask("GET", "/v1/machines")[1]["code"] == "tenant.suspended"
    assert mia.ask("GET", "/v1/tenant/erasure")[1]["dueAt"] == order["dueAt"]
    assert mia.ask("DELETE", "/v1/tenant/erasure", {})[0] == 200
    assert mia.again().ask("GET", "/v1/machines")[0] == 200


def test_what_is_kept_is_told_before_the_first_run(owner: Visitor) -> None:
    told = owner.ask("GET", "/v1/privacy/retention")[1]
    assert told["at"] is None
    assert {one["name"]: one["days"] for one in told["classes"]}["chunks"] == 35


def test_a_share_names_a_machine_of_the_company(owner: Visitor) -> None:
    gone = {"machineId": "m_0123456789abcdef", "recipient": "Service Ltd", "days": 30}
    assert owner.ask("POST", "/v1/shares", gone)[1]["code"] == "machine.not_found"
    assert owner.ask("GET", "/v1/shares")[1] == {"shares": []}
    assert owner.ask("DELETE", "/v1/shares/k_0123456789abcdef", {})[1]["code"] == "share.not_found"
