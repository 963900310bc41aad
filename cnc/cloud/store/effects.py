"""Changes of rows that are not made yet: they stand or fall with an entry of the audit log (`AuditStore.commit`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnc.cloud.store.shop_rows import ShopRow
from cnc.services.audit import Effect


def putting(row: ShopRow, *, condition: Any = None, refused: Callable[[], Exception] | None = None) -> Effect:
    """Store the row, whole. With a condition `refused()` is what to raise when it does not hold."""
    return _effect("Put", row.get_save_kwargs_from_instance(condition=condition), refused)


def updating(
    row: ShopRow, actions: Sequence[Any], *, condition: Any = None, refused: Callable[[], Exception] | None = None
) -> Effect:
    """Set attributes of the row with these keys; without a condition it is made when it is not there."""
    return _effect("Update", row.get_update_kwargs_from_instance(actions=list(actions), condition=condition), refused)


def removing(row: ShopRow, *, condition: Any = None, refused: Callable[[], Exception] | None = None) -> Effect:
    return _effect("Delete", row.get_delete_kwargs_from_instance(condition=condition), refused)


def _effect(kind: str, write: Mapping[str, Any], refused: Callable[[], Exception] | None) -> Effect:
    if "ConditionExpression" in write and refused is None:
        raise TypeError("an effect with a condition says what to raise when it does not hold: refused=…")
    return Effect({kind: write}, refused or _unexpected)


def _unexpected() -> Exception:
    return RuntimeError("the table refused a write without a condition")
