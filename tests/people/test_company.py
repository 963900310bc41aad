"""The company's own settings, and a company that is closed for a while."""

import pytest

from tests.people.desk import Office, Visitor


@pytest.fixture
def mia(office: Office) -> Visitor:
    person = office.visitor()
    person.founds()
    return person.again()


def test_name_and_sites_are_changed_by_those_who_manage_the_company(mia: Visitor) -> None:
    ben = mia.hires({"*": ["supervisor"]})
    for who, status in ((ben, 403), (mia, 200)):
        assert who.ask("PATCH", "/v1/tenant", {"name": "Sommer Precision"})[0] == status
        assert who.ask("POST", "/v1/sites", {"name": "Hall 2", "timeZone": "Asia/Tokyo"})[0] == status
    company = ben.ask("GET", "/v1/tenant")[1]
    assert (company["name"], [site["timeZone"] for site in company["sites"]].count("Asia/Tokyo")) == (
        "Sommer Precision",
        1,
    )
    site = next(site for site in company["sites"] if site["timeZone"] == "Asia/Tokyo")
    change = {"name": "Osaka", "timeZone": "Asia/Tokyo"}
    assert mia.ask("PATCH", f"/v1/sites/{site['id']}", change)[1]["name"] == "Osaka"
    assert mia.ask("PATCH", "/v1/sites/s_0000000000000000", change)[0] == 404
    assert mia.ask("GET", "/v1/memberships")[1]["memberships"][0]["company"] == "Sommer Precision"


def test_a_closed_company_lets_nobody_in_until_an_owner_opens_it(mia: Visitor) -> None:
    admin = mia.hires({"*": ["admin"]})
    assert admin.ask("POST", "/v1/tenant/suspend", {})[0] == 200
    mia, admin = mia.again(), admin.again()
    for path in ("/v1/machines", "/v1/people", "/v1/keys", "/v1/audit", "/v1/changes"):
        assert mia.ask("GET", path)[1]["code"] == "tenant.suspended", path
    assert mia.ask("GET", "/v1/tenant")[1]["status"] == "suspended"
    assert mia.ask("GET", "/v1/exports")[0] == 200  # what the company holds stays its own
    assert admin.ask("POST", "/v1/tenant/resume", {})[1]["code"] == "auth.forbidden"
    assert mia.ask("POST", "/v1/tenant/resume", {})[0] == 200
    assert mia.again().ask("GET", "/v1/people")[0] == 200


def test_who_does_not_manage_the_company_closes_nothing(mia: Visitor) -> None:
    ben = mia.hires({"*": ["supervisor"]})
    assert ben.ask("POST", "/v1/tenant/suspend", {})[1]["code"] == "auth.forbidden"


def test_what_the_operator_closed_is_not_opened_by_an_owner(office: Office, mia: Visitor) -> None:
    tenant = mia.ask("GET", "/v1/tenant")[1]["id"]
    office.directory.set_tenant(tenant, facts={"status": "suspended", "suspended_by": "operator"})
    mia = mia.again()
    assert mia.ask("POST", "/v1/tenant/resume", {})[1]["code"] == "tenant.suspended"
