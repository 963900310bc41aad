"""A person with an account and without a company makes one, once."""

import pytest

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import acting_for
from tests.people.desk import Office, wish


def test_a_company_has_its_site_and_its_founder_and_the_log_says_so(office: Office) -> None:
    mia = office.visitor()
    made = mia.founds()
    mia = mia.again()
    status, company = mia.ask("GET", "/v1/tenant")
    assert (status, company["id"], company["name"]) == (200, made["tenantId"], "Precision Parts")
    assert company["sites"] == [{"id": made["siteId"], "name": "Hall 1", "timeZone": "Europe/Berlin"}]
    person = mia.ask("GET", f"/v1/people/{made['userId']}")[1]
    assert (person["name"], person["email"], person["grants"]) == ("Mia Sommer", mia.email, {"*": ["owner", "admin"]})
    with acting_for(made["tenantId"]):
        chain = AuditStore(office.cloud.clients.tenant("dynamodb"), table=office.cloud.tables["audit"])
        assert [entry.action.action for entry in chain.all()] == ["tenant.created"]


def test_until_then_there_is_nothing_but_the_way_to_a_company(office: Office) -> None:
    mia = office.visitor()
    for path in ("/v1/machines", "/v1/people", "/v1/tenant", "/v1/keys", "/v1/audit"):
        status, problem = mia.ask("GET", path)
        assert (status, problem["code"]) == (403, "auth.no_membership"), path
    assert mia.ask("GET", "/v1/memberships") == (200, {"memberships": []})


def test_asked_again_it_is_the_same_company(office: Office) -> None:
    mia = office.visitor()
    first = mia.founds()
    assert mia.ask("POST", "/v1/tenants", wish("Another name"))[1] == first
    assert mia.again().ask("POST", "/v1/tenants", wish())[1] == first
    assert len(mia.again().ask("GET", "/v1/memberships")[1]["memberships"]) == 1


@pytest.mark.parametrize("step", ["add_membership", "add_tenant"])
def test_an_attempt_that_was_cut_off_goes_on(office: Office, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mia = office.visitor()

    def cut(*_: object, **__: object) -> None:
        raise ConnectionError("the process ended here")

    with monkeypatch.context() as patch:
        patch.setattr(type(office.directory), step, cut)
        assert mia.ask("POST", "/v1/tenants", wish())[0] == 500
    made = mia.founds()
    assert mia.again().ask("GET", "/v1/tenant")[1]["id"] == made["tenantId"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"timeZone": "Berlin"}, "value.out_of_range"),
        ({"timeZone": "../../etc/passwd"}, "value.out_of_range"),
        ({"name": "  "}, "value.out_of_range"),
        ({"name": "A\u202eB"}, "value.out_of_range"),
        ({"yourName": ""}, "request.invalid"),
        ({"role": "owner"}, "request.invalid"),
    ],
)
def test_what_cannot_be_a_company_is_refused_and_makes_nothing(
    office: Office, changed: dict[str, str], code: str
) -> None:
    mia = office.visitor()
    assert mia.ask("POST", "/v1/tenants", wish(**changed))[1]["code"] == code
    assert mia.again().ask("GET", "/v1/memberships")[1]["memberships"] == []


def test_an_address_that_is_not_verified_makes_no_company(office: Office) -> None:
    assert office.visitor(verified=False).ask("POST", "/v1/tenants", wish())[1]["code"] == "auth.forbidden"


def test_who_belongs_to_a_company_makes_no_second_one(office: Office) -> None:
    mia = office.visitor()
    mia.founds()
    ben = mia.again().hires({"*": ["operator"]})
    assert ben.ask("POST", "/v1/tenants", wish())[1]["code"] == "membership.exists"


def test_a_person_makes_three_companies_a_day_at_most(office: Office) -> None:
    mia = office.visitor()
    for _ in range(3):
        mia.founds()
        mia = mia.again()
        other = mia.hires({"*": ["owner", "admin"]})
        assert mia.ask("DELETE", f"/v1/people/{mia.user}")[0] == 200
        assert other.ask("GET", "/v1/tenant")[0] == 200
        mia = mia.again()
    status, problem = mia.ask("POST", "/v1/tenants", wish())
    assert (status, problem["code"]) == (429, "limit.rate")
