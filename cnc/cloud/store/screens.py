"""Screens on the wall of the tenant acted for: `T#<tenant>#V`: `k_…`."""

from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.shop_rows import ShopRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.services.pairing import Screen


class ScreenRow(ShopRow):
    """`session` is the id of the directory row that lets the screen in."""

    name = UnicodeAttribute()
    site = UnicodeAttribute()
    session = UnicodeAttribute()
    paired_by = UnicodeAttribute()
    paired_ms = NumberAttribute()
    device = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)


class ScreenStore:
    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def put(self, screen: Screen, /) -> None:
        ScreenRow(
            _p(),
            screen.id,
            name=screen.name,
            site=screen.site,
            session=screen.session,
            paired_by=screen.paired_by,
            paired_ms=screen.paired_ms,
            device=screen.device or None,
            address=screen.address or None,
        ).save()

    def get(self, screen: str, /) -> Screen | None:
        try:
            return _screen(ScreenRow.get(_p(), screen, consistent_read=True))
        except DoesNotExist:
            return None

    def all(self) -> Sequence[Screen]:
        return [_screen(row) for row in ScreenRow.query(_p(), consistent_read=True)]

    def remove(self, screen: str, /) -> None:
        ScreenRow(_p(), screen).delete()


def _p() -> str:
    return current().partition("V")


def _screen(row: ScreenRow) -> Screen:
    return Screen(
        row.s,
        row.name,
        row.site,
        row.session,
        row.paired_by,
        int(row.paired_ms),
        device=row.device or "",
        address=row.address or "",
    )
