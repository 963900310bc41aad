"""Who asks, and the gateways that bring what is answered."""

from typing import Self

import strawberry

from cnc_graphql.documented import documented
from cnc_graphql.machines import Site
from cnc_graphql.ports import GatewayFacts, ViewerFacts
from cnc_graphql.scalars import Timestamp, instant


@documented
class Viewer:
    """The caller of this request, as the verified credential names it."""

    tenant_id: strawberry.ID = strawberry.field(description="The shop whose data is answered: `t_` and 16 characters.")
    tenant_name: str = strawberry.field(description="Name of that shop.")
    user_id: strawberry.ID = strawberry.field(description="`u_…` for a person, `k_…` for an API key.")
    name: str = strawberry.field(description="Name of the person; empty for an API key.")
    roles: list[str] = strawberry.field(
        description="operator, supervisor, maintenance, quality, owner, admin, developer, publisher, buyer or viewer."
    )
    permissions: list[str] = strawberry.field(
        description="What may be done somewhere in it, such as `program.approve`. Roles may hold at some sites only."
    )

    @classmethod
    def of(cls, viewer: ViewerFacts) -> Self:
        return cls(
            tenant_id=strawberry.ID(viewer.tenant_id),
            tenant_name=viewer.tenant_name,
            user_id=strawberry.ID(viewer.subject),
            name=viewer.name,
            roles=list(viewer.roles),
            permissions=list(viewer.permissions),
        )


@documented
class Gateway:
    """A gateway: it reads the controls of a site and relays to the cloud."""

    id: strawberry.ID = strawberry.field(description="`g_` and 16 characters; also its name as a thing of AWS IoT.")
    name: str = strawberry.field(description="As the people of the shop call it.")
    site: Site = strawberry.field(description="Where it stands.")
    last_seen: Timestamp | None = strawberry.field(
        description="When the newest of its rows was made or its newest report sent; null before the first."
    )
    config_version: int = strawberry.field(description="Version of its configuration that the cloud wants.")
    applied_version: int | None = strawberry.field(
        description="Version that the gateway says it runs; null before its first report."
    )
    quarantined: int = strawberry.field(
        description="Its messages that were put aside as malformed in the last 24 hours."
    )

    @classmethod
    def of(cls, gateway: GatewayFacts) -> Self:
        return cls(
            id=strawberry.ID(gateway.id),
            name=gateway.name,
            site=Site.of(gateway.site),
            last_seen=instant(gateway.last_seen),
            config_version=gateway.config_version,
            applied_version=gateway.applied_version,
            quarantined=gateway.quarantined,
        )
