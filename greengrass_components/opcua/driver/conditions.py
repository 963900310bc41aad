"""Alarms and conditions of a server as the alarms of a machine.

An alarm is known by its condition and stands while that is active; one that is seen inactive, disabled or without
Retain has ended. A refresh tells all that stand now, so what it does not mention has ended too.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import ua

from cnc.domain.base.clock import to_ms
from greengrass_components.opcua import nodeset

FAULT_SEVERITY: Final = 667
"""Severity 667 to 1000 is the upper third of OPC UA's scale, and stops production."""
MOST_ALARMS: Final = 200
MOST_TEXT: Final = 400
_CODE: Final = re.compile(r"\s*([A-Za-z_][A-Za-z_ -]{0,19}?)?[ -]?(\d{1,9})\s*\Z")

_BASE, _CONDITION, _ALARM = (
    ua.ObjectIds.BaseEventType,
    ua.ObjectIds.ConditionType,
    ua.ObjectIds.AlarmConditionType,
)
_FIELDS: Final[Sequence[tuple[str, int, str]]] = (
    ("type", _BASE, "EventType"),
    ("source", _BASE, "SourceName"),
    ("time", _BASE, "Time"),
    ("message", _BASE, "Message"),
    ("severity", _BASE, "Severity"),
    ("name", _CONDITION, "ConditionName"),
    ("branch", _CONDITION, "BranchId"),
    ("retain", _CONDITION, "Retain"),
    ("enabled", _CONDITION, "EnabledState/Id"),
    ("active", _ALARM, "ActiveState/Id"),
)


def event_filter(namespaces: Sequence[str]) -> ua.EventFilter:
    """Selects what is needed and leaves choosing to us: many servers understand no where clause."""
    wanted = ua.EventFilter()
    for _, kind, path in _FIELDS:
        wanted.SelectClauses.append(_operand(ua.NodeId(kind), path))
    wanted.SelectClauses.append(_operand(ua.NodeId(_CONDITION), "", attribute=ua.AttributeIds.NodeId))
    if nodeset.MACHINE_TOOL in namespaces:
        space = namespaces.index(nodeset.MACHINE_TOOL)
        wanted.SelectClauses.append(_operand(ua.NodeId(nodeset.ALERT_TYPE, space), "ErrorCode", space))
    return wanted


def _operand(
    kind: ua.NodeId, path: str, space: int = 0, attribute: ua.AttributeIds = ua.AttributeIds.Value
) -> ua.SimpleAttributeOperand:
    operand = ua.SimpleAttributeOperand()
    operand.TypeDefinitionId, operand.AttributeId = kind, attribute
    operand.BrowsePath = [ua.QualifiedName(name, space) for name in path.split("/") if name]
    return operand


class Conditions:
    """`alarms` is a new mapping after each change, the same one otherwise."""

    def __init__(self) -> None:
        self.alarms: Mapping[str, Mapping[str, Any]] = {}
        self.refresh_wanted = False
        self._refreshed: set[str] | None = None

    @property
    def fault(self) -> bool:
        return any(alarm["severity"] >= FAULT_SEVERITY for alarm in self.alarms.values())

    def forget(self) -> None:
        """The server was started anew: what it does not report now, it does not know."""
        if self.alarms:
            self.alarms = {}

    def heard(self, values: Sequence[Any]) -> None:
        """One event: the values of the clauses of `event_filter`, in their order."""
        seen = dict(zip((name for name, _, _ in _FIELDS), values, strict=False))
        kind = seen.get("type")
        if kind == ua.NodeId(ua.ObjectIds.RefreshStartEventType):
            self._refreshed = set()
        elif kind == ua.NodeId(ua.ObjectIds.RefreshEndEventType):
            if self._refreshed is not None:
                self._keep(self._refreshed)
            self._refreshed = None
        elif kind == ua.NodeId(ua.ObjectIds.RefreshRequiredEventType):
            self.refresh_wanted = True
        else:
            condition = values[len(_FIELDS)] if len(values) > len(_FIELDS) else None
            code = values[len(_FIELDS) + 1] if len(values) > len(_FIELDS) + 1 else None
            self._condition(seen, condition, code)

    def _condition(self, seen: Mapping[str, Any], condition: Any, code: Any) -> None:
        if condition is None or (isinstance(condition, ua.NodeId) and condition.is_null()):
            return  # a message without a state
        branch = seen.get("branch")
        if isinstance(branch, ua.NodeId) and not branch.is_null():
            return  # an earlier state that still waits for somebody's acknowledgement
        key = condition.to_string() if isinstance(condition, ua.NodeId) else str(condition)
        active = seen.get("active")
        stands = bool(seen.get("retain")) if active is None else bool(active)
        if not stands or seen.get("enabled") is False:
            self._keep(set(self.alarms) - {key})
            return
        if self._refreshed is not None:
            self._refreshed.add(key)
        data = _data(seen, code)
        if self.alarms.get(key) != data and (key in self.alarms or len(self.alarms) < MOST_ALARMS):
            self.alarms = {**self.alarms, key: data}

    def _keep(self, keys: set[str]) -> None:
        if self.alarms.keys() - keys:
            self.alarms = {key: data for key, data in self.alarms.items() if key in keys}


def _data(seen: Mapping[str, Any], code: Any) -> dict[str, Any]:
    """The data of an alarm event: number and type of the maker's code, else the condition's name."""
    matched = _CODE.match(code) if isinstance(code, str) else None
    name = str(seen.get("name") or seen.get("source") or "")[:40]
    kind = (matched.group(1) or "").strip() if matched else str(code or "")[:20]
    severity = seen.get("severity")
    data = {
        "number": int(matched.group(2)) if matched else 0,
        "type": kind or name,
        "text": _text(seen.get("message")) or name,
        "axis": "",
        "severity": severity if isinstance(severity, int) else 0,
    }
    time = seen.get("time")
    if isinstance(time, datetime):
        data["source_ms"] = to_ms(time if time.tzinfo is not None else time.replace(tzinfo=UTC))
    return data


def _text(message: Any) -> str:
    return str(getattr(message, "Text", message) or "")[:MOST_TEXT]
