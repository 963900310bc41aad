"""Who asks, and the places a shop is made of."""

from typing import Self

import strawberry

from cnc_graphql.ports import GatewayFacts, SiteFacts, ViewerFacts
from cnc_graphql.scalars import Timestamp


@strawberry.type(description="The caller of this request, as the verified credential names it.")
class Viewer:
    tenant_id: strawberry.ID
    tenant_name: str
    user_id: strawberry.ID
    name: str
    roles: list[str]

    @classmethod
    def of(cls, viewer: ViewerFacts) -> Self:
        return cls(
            tenant_id=strawberry.ID(viewer.tenant_id),
            tenant_name=viewer.tenant_name,
            user_id=strawberry.ID(viewer.subject),
            name=viewer.name,
            roles=list(viewer.roles),
        )


@strawberry.type(description="A place with machines; its time zone is an IANA name.")
class Site:
    id: strawberry.ID
    name: str
    time_zone: str

    @classmethod
    def of(cls, site: SiteFacts) -> Self:
        return cls(id=strawberry.ID(site.id), name=site.name, time_zone=site.time_zone)


@strawberry.type(description="A gateway: it reads the controls of a site and relays to the cloud.")
class Gateway:
    id: strawberry.ID
    name: str
    site: Site
    last_seen: Timestamp | None
    config_version: int = strawberry.field(description="Version of its configuration that the cloud wants.")
    applied_version: int | None = strawberry.field(description="Version that the gateway says it runs.")
    quarantined: int = strawberry.field(description="Its messages of the last 24 hours that were put aside.")

    @classmethod
    def of(cls, gateway: GatewayFacts) -> Self:
        return cls(
            id=strawberry.ID(gateway.id),
            name=gateway.name,
            site=Site.of(gateway.site),
            last_seen=None if gateway.last_seen is None else Timestamp(gateway.last_seen),
            config_version=gateway.config_version,
            applied_version=gateway.applied_version,
            quarantined=gateway.quarantined,
        )
