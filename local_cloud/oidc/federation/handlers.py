"""The routes of federation: away to the provider, back by redirect (OIDC) or by post (SAML), and into a session.

A post from another site carries no cookie of ours, so an assertion that fits lands first and is bound to the browser by
the redirect that follows; neither step alone signs anybody in.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local_cloud.oidc import cookies, pages
from local_cloud.oidc.cookies import FEDERATION
from local_cloud.oidc.federation import service_provider
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.federation.providers import OIDC, SAML, Provider, Providers
from local_cloud.oidc.federation.refusal import NotTaken
from local_cloud.oidc.federation.relying_party import RelyingParty
from local_cloud.oidc.federation.service_provider import Asked as SamlAsked
from local_cloud.oidc.federation.service_provider import IdentityProvider
from local_cloud.oidc.federation.trips import TRIP_S, Begun, Trips
from local_cloud.oidc.flow import AWAY, Flow, answering, form_fields
from local_cloud.oidc.pool import Person, PoolAway
from local_cloud.oidc.request import Asked, Redirected
from local_cloud.oidc.store import digest

log = logging.getLogger(__name__)
FAILED = "Signing in did not work"
ASSERTION_BYTES = 512 * 1024
UNKNOWN = "This way back is not known, was used before, or took longer than ten minutes. Please start again."


class Federation:
    """`flow` holds sessions and pools; `outgoing` asks providers."""

    def __init__(self, flow: Flow, outgoing: Outgoing) -> None:
        self.flow, self.outgoing = flow, outgoing
        self.trips = Trips(flow.store.db)
        self.relying = RelyingParty(outgoing, clock=lambda: self.flow.clock())

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/oidc/{pool}/oauth2/idpresponse", self.oidc_back),
            web.post("/oidc/{pool}/saml2/idpresponse", self.saml_back),
            web.get("/oidc/{pool}/saml2/finish", self.saml_finish),
        ]

    async def provider_asked_for(self, asked: Asked) -> Provider | None:
        """The provider that a request names; None when it names none. Raises Redirected and PoolAway."""
        name, identifier = asked.fields.get("identity_provider", ""), asked.fields.get("idp_identifier", "")
        if (not name and not identifier) or name == "COGNITO":
            return None
        providers = self._providers(asked)
        if name:
            found = await providers.of_client(asked.client.id, name)
        else:
            found = await providers.by_identifier(asked.client.id, identifier.casefold())
        if found is None:
            raise Redirected("invalid_request", "this application has no such identity provider")
        return found

    async def provider_of_address(self, asked: Asked, email: str) -> Provider | None:
        """The provider of an e-mail's domain. Raises PoolAway."""
        domain = email.rpartition("@")[2].casefold()
        return await self._providers(asked).by_identifier(asked.client.id, domain) if domain else None

    async def start(
        self, request: web.Request, asked: Asked, provider: Provider, *, hint: str = ""
    ) -> web.StreamResponse:
        """Send the browser to the provider."""
        cookie = cookies.read(request, FEDERATION) or secrets.token_urlsafe(24)
        query = self.flow.query(asked)
        begun = self.trips.begin(cookie, provider.name, query, self._back(request, provider), now=self.flow.clock())
        try:
            address = await self._address(request, provider, begun, hint=hint, prompt=asked.prompt)
        except NotTaken as error:
            return self._failed(provider.name, error)
        answer = web.Response(status=303, headers={"Location": address, **pages.AWAY_FIELDS})
        cookies.give(request, answer, FEDERATION, cookie, max_age=TRIP_S)
        return answer

    @answering
    async def oidc_back(self, request: web.Request) -> web.StreamResponse:
        """The provider's answer; who signed in is asked from the provider itself."""
        answer = dict(request.query)
        repeated = len(answer) != len(request.query)
        begun = self.trips.take(answer.get("state", ""), self._redirect_uri(request), now=self.flow.clock())
        if begun is None or repeated or not self._is_same_browser(request, begun.browser):
            return pages.message(FAILED, UNKNOWN, status=400)
        asked = self.flow.asked(request, begun.query)
        try:
            provider = await self._still(asked, begun.provider, OIDC)
            said = await self.relying.claims(provider.details, begun.trip, answer)
            return self._welcome(request, asked, provider, said["sub"], said, issuer=provider.details["oidc_issuer"])
        except NotTaken as error:
            return self._failed(begun.provider, error)
        except PoolAway as away:
            log.warning("federation: %s", away)
            return pages.message(FAILED, AWAY, status=503)

    @answering
    async def saml_back(self, request: web.Request) -> web.StreamResponse:
        form = await form_fields(request, most=ASSERTION_BYTES)
        now = self.flow.clock()
        begun = self.trips.take(form.get("RelayState", ""), "", now=now)
        if begun is None:
            return pages.message(FAILED, UNKNOWN, status=400)
        asked = self.flow.asked(request, begun.query)
        try:
            provider = await self._still(asked, begun.provider, SAML)
            metadata = await self._metadata(provider)
            found = service_provider.asserted(
                form.get("SAMLResponse", ""), metadata, self._saml_asked(request, begun, now=now)
            )
            if not self.trips.once(f"{provider.name}#{found.id}", until=found.until):
                raise NotTaken("the assertion was used before")
        except NotTaken as error:
            return self._failed(begun.provider, error)
        except PoolAway as away:
            log.warning("federation: %s", away)
            return pages.message(FAILED, AWAY, status=503)
        said = {name: values[0] for name, values in found.attributes.items() if len(values) == 1}
        said["issuer"] = metadata.entity_id
        ticket = self.trips.land(begun, found.subject, said, now=now)
        there = f"{self.flow.path(request, 'saml2/finish')}?ticket={ticket}"
        return web.Response(status=303, headers={"Location": there, **pages.AWAY_FIELDS})

    @answering
    async def saml_finish(self, request: web.Request) -> web.StreamResponse:
        landed = self.trips.landed(request.query.get("ticket", ""), now=self.flow.clock())
        if landed is None or not self._is_same_browser(request, landed.browser):
            return pages.message(FAILED, UNKNOWN, status=400)
        asked = self.flow.asked(request, landed.query)
        try:
            provider = await self._still(asked, landed.provider, SAML)
        except NotTaken as error:
            return self._failed(landed.provider, error)
        except PoolAway as away:
            log.warning("federation: %s", away)
            return pages.message(FAILED, AWAY, status=503)
        said = dict(landed.said)
        return self._welcome(request, asked, provider, landed.subject, said, issuer=str(said.pop("issuer")))

    async def is_enabled(self, pool: str, client: str, username: str) -> bool | None:
        """Whether a person of a provider may go on; None for people of the pool itself. Raises PoolAway."""
        claims = self.flow.store.claims(pool, username)
        if "identities" not in claims:
            return None
        name = str(claims["identities"][0]["providerName"])
        return await Providers(self.flow.pools[pool]).of_client(client, name) is not None

    # parts
    def _providers(self, asked: Asked) -> Providers:
        return Providers(self.flow.pools[asked.client.pool])

    async def _still(self, asked: Asked, name: str, kind: str) -> Provider:
        """The provider as it is now. Raises NotTaken and PoolAway."""
        found = await self._providers(asked).of_client(asked.client.id, name)
        if found is None or found.kind != kind:
            raise NotTaken("the provider was removed meanwhile")
        return found

    async def _address(self, request: web.Request, provider: Provider, begun: Begun, *, hint: str, prompt: str) -> str:
        if provider.kind == OIDC:
            return await self.relying.address(provider.details, begun.trip, hint=hint, prompt=prompt)
        metadata = await self._metadata(provider)
        self.outgoing.check(metadata.sign_on)
        asked = self._saml_asked(request, begun, now=self.flow.clock())
        return service_provider.address(metadata, asked, relay_state=begun.trip.state)

    async def _metadata(self, provider: Provider) -> IdentityProvider:
        text = provider.details.get("MetadataFile", "")
        data = text.encode() if text else await self.outgoing.get(provider.details.get("MetadataURL", ""))
        return IdentityProvider.of_metadata(data)

    def _saml_asked(self, request: web.Request, begun: Begun, *, now: float) -> SamlAsked:
        entity_id = f"urn:amazon:cognito:sp:{request.match_info['pool']}"
        receiver = f"{self.flow.issuer(request)}/saml2/idpresponse"
        return SamlAsked(begun.request_id, entity_id, receiver, now)

    def _redirect_uri(self, request: web.Request) -> str:
        return f"{self.flow.issuer(request)}/oauth2/idpresponse"

    def _back(self, request: web.Request, provider: Provider) -> str:
        return self._redirect_uri(request) if provider.kind == OIDC else ""

    def _is_same_browser(self, request: web.Request, wanted: str) -> bool:
        cookie = cookies.read(request, FEDERATION)
        return bool(cookie) and hmac.compare_digest(digest(cookie), wanted)

    def _welcome(
        self,
        request: web.Request,
        asked: Asked,
        provider: Provider,
        subject: str,
        said: Mapping[str, Any],
        *,
        issuer: str,
    ) -> web.Response:
        claims = provider.claims(asked.client.pool, subject, said, issuer=issuer)
        if not claims.get("email"):
            return self._failed(provider.name, NotTaken("the provider gave no e-mail address"))
        username = provider.username(subject)
        claims["sub"] = self.flow.store.subject(asked.client.pool, username)
        answer = self.flow.welcome(request, asked, Person(username, claims))
        cookies.take(request, answer, FEDERATION)
        return answer

    def _failed(self, provider: str, error: NotTaken) -> web.Response:
        log.warning("provider %s: %s", provider, error)
        text = f"Your company's provider and CNC Copilot do not agree: {error}. Nobody was signed in."
        return pages.message(FAILED, text, status=400)
