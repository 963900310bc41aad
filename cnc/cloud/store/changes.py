"""Changes on their way through the gate, and where writing is stopped, of the tenant acted for."""

from typing import Any

from pynamodb.exceptions import DoesNotExist, PutError

from cnc.cloud.store.effects import putting, removing
from cnc.cloud.store.program_rows import ChangeRow, StopRow, SwitchRow
from cnc.cloud.store.shop_rows import ShopRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.errors import CncError
from cnc.domain.programs.change import Change
from cnc.domain.programs.change_json import change_from, change_text
from cnc.services.audit import Effect
from cnc.services.programs.ports import HeldChange


class ChangeStore:
    """`T#<tenant>#C`: `c_…`."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def get(self, change: str, /) -> HeldChange | None:
        try:
            row = ChangeRow.get(current().partition("C"), change, consistent_read=True)
        except DoesNotExist:
            return None
        return HeldChange(change_from(row.b), int(row.o))

    def putting(self, change: Change, /, *, seen_version: int) -> Effect:
        row = ChangeRow(current().partition("C"), change.id, b=change_text(change), o=seen_version + 1)
        condition = ChangeRow.o == seen_version if seen_version else ChangeRow.p.does_not_exist()
        return putting(row, condition=condition, refused=lambda: _changed(seen_version))

    def all(self) -> list[Change]:
        return [change_from(row.b) for row in ChangeRow.query(current().partition("C"), consistent_read=True)]


class StopStore:
    """`T#<tenant>#Z`: the id of a tenant, site or machine that may not be written to."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def stopped(self) -> frozenset[str]:
        return frozenset(row.s for row in StopRow.query(current().partition("Z"), consistent_read=True))

    def stop(self, subject: str, /) -> None:
        StopRow(current().partition("Z"), subject).save()

    def stopping(self, subject: str, /) -> Effect:
        return putting(StopRow(current().partition("Z"), subject))

    def allowing(self, subject: str, /) -> Effect:
        return removing(StopRow(current().partition("Z"), subject))


class SwitchStore:
    """`T#<tenant>#Y`: until when a machine's own switch allows writing, as its gateway last told."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def told(self, machine: str, enabled_until_ms: int, /) -> None:
        SwitchRow(current().partition("Y"), machine, enabled_until_ms=enabled_until_ms).save()

    def enabled_until_ms(self, machine: str, /) -> int:
        try:
            return int(SwitchRow.get(current().partition("Y"), machine, consistent_read=True).enabled_until_ms)
        except DoesNotExist:
            return 0


def _changed(seen_version: int) -> CncError:
    expected = f"version {seen_version}"
    return CncError("change.state", seen="another version", expected=expected, todo="Read it again.")


def saved(row: ShopRow, condition: Any) -> bool:
    """Whether the condition held and the row is stored."""
    try:
        row.save(condition=condition)
    except PutError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
