"""Signing in at a real OpenID provider (panva's oidc-provider), and ways that must not work there."""

import pytest

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import POOL
from tests.local_cloud.oidc.support import CognitoDouble
from tests.sso.peers.running import Peers
from tests.sso.travelling import OIDC_NAME, Traveller, openid_provider, parameters


@pytest.fixture(autouse=True)
def provider(pool: CognitoDouble, peers: Peers) -> None:
    pool.providers[OIDC_NAME] = openid_provider(peers.openid)


async def test_a_person_of_the_company_signs_in_at_its_provider(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    status, answer = await traveller.come_back(back)
    assert (status, answer["state"]) == (303, "st&=#")
    claims = await traveller.claims(answer["code"])
    assert (claims["email"], claims["email_verified"]) == ("anna@company.example", True)
    assert claims["cognito:username"] == f"{OIDC_NAME}_anna"
    assert claims["cognito:groups"] == [f"{POOL}_{OIDC_NAME}"]
    assert claims["identities"][0]["providerName"] == OIDC_NAME


async def test_a_person_keeps_one_subject_and_shares_it_with_nobody(
    traveller: Traveller, pool: CognitoDouble, peers: Peers
) -> None:
    async def subject(name: str, who: str) -> str:
        traveller.session.cookie_jar.clear()
        back = await traveller.at_openid(await traveller.leave(name), who=who)
        return str((await traveller.claims((await traveller.come_back(back))[1]["code"]))["sub"])

    other = "i_otherotherothero"
    pool.providers[other] = openid_provider(peers.openid, client="cnc-basic")
    first = await subject(OIDC_NAME, "carla")
    assert await subject(OIDC_NAME, "carla") == first
    assert await subject(OIDC_NAME, "doris") != first
    assert await subject(other, "carla") != first  # the same person through another company's provider is not the same


async def test_the_session_of_a_provider_serves_no_other_way_in(traveller: Traveller) -> None:
    await traveller.sign_in()
    assert "/auth?" in await traveller.leave()  # a password session is no session of the provider
    back = await traveller.at_openid(await traveller.leave())
    await traveller.come_back(back)
    assert "code" in (await traveller.authorize(prompt="none", identity_provider=OIDC_NAME))[1]


async def test_a_refresh_ends_with_the_provider(traveller: Traveller, pool: CognitoDouble) -> None:
    back = await traveller.at_openid(await traveller.leave())
    _, tokens = await traveller.exchange((await traveller.come_back(back))[1]["code"])
    _, again = await traveller.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert "access_token" in again
    pool.providers.clear()
    answer = await traveller.token(grant_type="refresh_token", refresh_token=again["refresh_token"])
    assert answer == (400, {"error": "invalid_grant"})


async def test_an_address_leads_to_the_provider_of_its_company(traveller: Traveller) -> None:
    await traveller.authorize()
    status, _ = await traveller.submit(way="company", email="Anna@Company.example")
    assert (status, 'http-equiv="refresh"' in traveller.page) == (200, True)
    assert await traveller.follow("Continue") == 303
    await traveller.authorize()
    status, _ = await traveller.submit(way="company", email="anna@elsewhere.example")
    assert (status, "No company has set up" in traveller.page) == (400, True)


async def test_the_provider_can_be_named_by_its_domain(traveller: Traveller) -> None:
    query = traveller.query(idp_identifier="company.example", login_hint="anna@company.example")
    url = f"{traveller.issuer}/oauth2/authorize"
    async with traveller.session.get(url, params=query, allow_redirects=False) as answer:
        sent = parameters(answer.headers["Location"])
    assert sent["login_hint"] == "anna@company.example"
    assert sent["code_challenge_method"] == "S256"


@pytest.mark.parametrize("name", ["i_unknownunknownun", "COGNITO2", "../x"])
async def test_a_provider_that_the_client_does_not_have_is_refused(traveller: Traveller, name: str) -> None:
    assert (await traveller.authorize(identity_provider=name))[1]["error"] == "invalid_request"


async def test_an_answer_works_once(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    assert (await traveller.come_back(back))[0] == 303
    assert (await traveller.come_back(back))[0] == 400


async def test_a_way_back_that_failed_is_not_open_any_more(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    assert (await traveller.come_back(back.replace(parameters(back)["code"], "guessed")))[0] == 400
    status, _ = await traveller.come_back(back)
    assert (status, "not known" in traveller.page) == (400, True)


async def test_an_answer_works_in_the_browser_that_asked(traveller: Traveller) -> None:
    """Login CSRF: a victim who opens the attacker's answer is not signed in as the attacker."""
    back = await traveller.at_openid(await traveller.leave())
    traveller.session.cookie_jar.clear()
    status, _ = await traveller.come_back(back)
    assert (status, "not known" in traveller.page) == (400, True)


async def test_an_answer_of_another_issuer_is_refused(traveller: Traveller) -> None:
    """Mix-up: the code must not be shown to a provider that did not make it."""
    back = await traveller.at_openid(await traveller.leave())
    evil = back.replace(parameters(back)["iss"].replace(":", "%3A").replace("/", "%2F"), "https%3A%2F%2Fevil.example")
    assert evil != back
    status, _ = await traveller.come_back(evil)
    assert (status, "another provider (iss)" in traveller.page) == (400, True)


async def test_an_answer_without_its_issuer_is_refused_when_the_provider_says_it(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    bare = "&".join(part for part in back.split("&") if not part.startswith("iss="))
    assert (await traveller.come_back(bare))[0] == 400


async def test_a_repeated_parameter_is_refused(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    assert (await traveller.come_back(f"{back}&code=other"))[0] == 400


async def test_an_answer_ends_after_ten_minutes(traveller: Traveller, server: HttpServer) -> None:
    back = await traveller.at_openid(await traveller.leave())
    now = server.sign_in.clock()
    server.sign_in.clock = lambda: now + 601
    assert (await traveller.come_back(back))[0] == 400


async def test_a_foreign_code_is_refused_by_the_provider(traveller: Traveller) -> None:
    back = await traveller.at_openid(await traveller.leave())
    stolen = back.replace(parameters(back)["code"], "stolen")
    assert (await traveller.come_back(stolen))[0] == 400


async def test_a_provider_is_not_asked_on_this_computer_unless_development_says_so(
    traveller: Traveller, server: HttpServer
) -> None:
    server.sign_in.federation.outgoing.loopback = False
    assert await traveller.leave() == ""
    assert "expected https to a public name" in traveller.page
