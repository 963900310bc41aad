"""Signing in at a real SAML provider (samlify), and what a browser may do to its answers on the way."""

import base64
import re

import pytest

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.oidc.support import CognitoDouble
from tests.sso.peers.running import Peers
from tests.sso.travelling import ENTITY_ID, OIDC_NAME, SAML_NAME, Traveller, openid_provider, saml_provider


@pytest.fixture(autouse=True)
def provider(pool: CognitoDouble, peers: Peers) -> None:
    pool.providers[SAML_NAME] = saml_provider({"MetadataURL": f"{peers.saml}/metadata"})
    pool.providers[OIDC_NAME] = openid_provider(peers.openid)


async def answered(traveller: Traveller, *, who: str = "berta") -> dict[str, str]:
    return await traveller.at_saml(await traveller.leave(SAML_NAME), who=who)


async def test_a_person_of_the_company_signs_in_at_its_provider(traveller: Traveller) -> None:
    form = await answered(traveller)
    assert form["issuer"] == ENTITY_ID
    status, back = await traveller.post_back(form)
    assert (status, back.get("state")) == (303, "st&=#"), traveller.page
    claims = await traveller.claims(back["code"])
    assert (claims["email"], claims["email_verified"]) == ("berta@company.example", False)
    assert claims["cognito:username"] == f"{SAML_NAME}_berta"
    assert claims["identities"][0]["providerType"] == "SAML"


async def test_metadata_may_be_kept_as_a_file(traveller: Traveller, pool: CognitoDouble, peers: Peers) -> None:
    async with traveller.session.get(f"{peers.saml}/metadata") as answer:
        text = await answer.text()
    pool.providers[SAML_NAME] = saml_provider({"MetadataFile": text})
    assert (await traveller.post_back(await answered(traveller)))[0] == 303


async def test_an_answer_works_once(traveller: Traveller, server: HttpServer) -> None:
    form = await answered(traveller)
    assert (await traveller.post_back(form))[0] == 303
    assert (await traveller.post_back(form))[0] == 400


async def test_an_assertion_does_not_fit_another_trip(traveller: Traveller) -> None:
    """A stolen answer, brought with the relay state of the thief's own trip."""
    stolen = await answered(traveller)
    own = await answered(traveller, who="eve")
    status, _ = await traveller.post_back({**stolen, "RelayState": own["RelayState"]})
    assert (status, "not for this sign-in" in traveller.page) == (400, True)


async def test_an_answer_nobody_asked_for_is_refused(traveller: Traveller) -> None:
    form = await answered(traveller)
    assert (await traveller.post_back({"SAMLResponse": form["SAMLResponse"]}))[0] == 400
    assert (await traveller.post_back({**form, "RelayState": "made up"}))[0] == 400


async def test_an_answer_works_in_the_browser_that_asked(traveller: Traveller) -> None:
    form = await answered(traveller)
    traveller.session.cookie_jar.clear()
    status, _ = await traveller.post_back(form)
    assert (status, "not known" in traveller.page) == (400, True)


async def test_an_answer_of_the_one_kind_does_not_serve_the_other(traveller: Traveller) -> None:
    form = await answered(traveller)
    back = await traveller.at_openid(await traveller.leave(OIDC_NAME))
    state = re.search(r"state=([^&]+)", back)
    assert state
    assert (await traveller.post_back({**form, "RelayState": state[1]}))[0] == 400
    other = f"{traveller.issuer}/oauth2/idpresponse?state={form['RelayState']}&code=x"
    assert (await traveller.come_back(other))[0] == 400


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"berta@company.example", b"admin@company.example"),
        (b">berta<", b">admin<"),
        (b">berta<", b">ber<!---->ta<"),
        (b"<samlp:Response", b'<!DOCTYPE x [<!ENTITY e "x">]><samlp:Response'),
        (b"<saml:Subject>", b"<?pi x?><saml:Subject>"),
    ],
)
async def test_an_answer_that_was_changed_on_the_way_is_refused(traveller: Traveller, old: bytes, new: bytes) -> None:
    form = await answered(traveller)
    data = base64.b64decode(form["SAMLResponse"])
    assert old in data
    bent = base64.b64encode(data.replace(old, new, 1)).decode()
    assert (await traveller.post_back({**form, "SAMLResponse": bent}))[0] == 400


@pytest.mark.parametrize("text", ["", "!!!", "PHg+", "PHgvPg==", "A" * 600_000])
async def test_what_is_no_answer_is_refused(traveller: Traveller, text: str) -> None:
    form = await answered(traveller)
    assert (await traveller.post_back({**form, "SAMLResponse": text}))[0] == 400


async def test_the_sign_on_address_of_metadata_is_checked_like_any_other(
    traveller: Traveller, pool: CognitoDouble, peers: Peers, server: HttpServer
) -> None:
    async with traveller.session.get(f"{peers.saml}/metadata") as answer:
        text = await answer.text()
    bent = text.replace(f"{peers.saml}/sso", "javascript:alert(1)")
    pool.providers[SAML_NAME] = saml_provider({"MetadataFile": bent})
    assert await traveller.leave(SAML_NAME) == ""
