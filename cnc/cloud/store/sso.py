"""Sign-in providers of the tenant acted for: `T#<tenant>#E` / `f_…`."""

import json
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.effects import putting, removing
from cnc.cloud.store.shop_rows import ShopRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.identity.sso import Kind, Settings
from cnc.services.audit import Effect
from cnc.services.sso import Provider

_SETTINGS = ("issuer", "client_id", "directory", "metadata_url", "metadata", "email_claim")
_TEXTS = ("name", "proof", "tested", "joining")


class SsoRow(ShopRow):
    """`b` is the provider as JSON, `o` its version."""

    b = UnicodeAttribute()
    o = NumberAttribute()


class SsoStore:
    """Reads are consistent; what is stored is an effect that the audit log makes."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def get(self, provider: str, /) -> Provider | None:
        try:
            return _provider(SsoRow.get(current().partition("E"), provider, consistent_read=True))
        except DoesNotExist:
            return None

    def all(self) -> list[Provider]:
        return [_provider(row) for row in SsoRow.query(current().partition("E"), consistent_read=True)]

    def putting(self, provider: Provider, /) -> Effect:
        row = SsoRow(current().partition("E"), provider.id, b=_text(provider), o=provider.version + 1)
        seen = SsoRow.o == provider.version if provider.version else SsoRow.p.does_not_exist()
        return putting(row, condition=seen, refused=_changed)

    def removing(self, provider: Provider, /) -> Effect:
        row = SsoRow(current().partition("E"), provider.id)
        return removing(row, condition=SsoRow.o == provider.version, refused=_changed)


def _changed() -> CncError:
    return CncError("sso.state", seen="a change of somebody else", todo="Look again and decide anew.")


def _text(provider: Provider) -> str:
    settings = provider.settings
    said: dict[str, Any] = {
        "kind": settings.kind,
        "domains": list(settings.domains),
        **{name: getattr(settings, name) for name in _SETTINGS},
        **{name: getattr(provider, name) for name in _TEXTS},
        "secret_version": provider.secret_version,
        "tested_ms": to_ms(provider.tested_at) if provider.tested_at else None,
        "enforced_ms": to_ms(provider.enforced_at) if provider.enforced_at else None,
        "proven": list(provider.proven),
        "exempt": list(provider.exempt),
    }
    return json.dumps(said, separators=(",", ":"), sort_keys=True)


def _provider(row: SsoRow) -> Provider:
    said = json.loads(row.b)
    return Provider(
        id=row.s,
        settings=Settings(
            Kind(said["kind"]), domains=tuple(said["domains"]), **{name: said[name] for name in _SETTINGS}
        ),
        **{name: said[name] for name in _TEXTS},
        secret_version=said["secret_version"],
        tested_at=from_ms(said["tested_ms"]) if said["tested_ms"] is not None else None,
        enforced_at=from_ms(said["enforced_ms"]) if said["enforced_ms"] is not None else None,
        proven=tuple(said["proven"]),
        exempt=tuple(said["exempt"]),
        version=int(row.o),
    )
