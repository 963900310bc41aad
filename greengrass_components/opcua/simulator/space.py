"""Adding nodes to a server, and keeping the values of its variables in step with a machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import Server, ua

PERCENT: Final = ua.EUInformation(
    NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact",
    UnitId=20529,  # UN/CEFACT "P1"
    DisplayName=ua.LocalizedText("%"),
    Description=ua.LocalizedText("percent"),
)
Value = Callable[[], Any]


@dataclass(slots=True)
class _Live:
    """A variable and where its value comes from."""

    node: ua.NodeId
    kind: ua.VariantType
    value: Value
    shown: Any = None


class Space:
    """The nodes of one server. Instances have text ids, their path; types have those of their specification."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._live: list[_Live] = []

    async def object(
        self,
        parent: ua.NodeId,
        name: ua.QualifiedName,
        *,
        type: ua.NodeId,  # noqa: A002
        node: ua.NodeId,
        reference: int = ua.ObjectIds.HasComponent,
        events: bool = False,
    ) -> ua.NodeId:
        attributes = ua.ObjectAttributes()
        attributes.DisplayName, attributes.EventNotifier = ua.LocalizedText(name.Name), 1 if events else 0
        return await self._add(parent, name, attributes, ua.NodeClass.Object, node, reference, type)

    async def variable(
        self,
        parent: ua.NodeId,
        name: ua.QualifiedName,
        value: Value,
        *,
        kind: ua.VariantType,
        node: ua.NodeId,
        data_type: ua.NodeId | None = None,
        type: int = ua.ObjectIds.BaseDataVariableType,  # noqa: A002
        reference: int = ua.ObjectIds.HasComponent,
    ) -> ua.NodeId:
        """A read-only variable whose value is that of `value` at each `refresh`."""
        first = value()
        attributes = ua.VariableAttributes()
        attributes.DisplayName, attributes.Value = ua.LocalizedText(name.Name), ua.Variant(first, kind)
        attributes.DataType = data_type or ua.NodeId(kind.value)
        attributes.ValueRank = ua.ValueRank.OneDimension if isinstance(first, list) else ua.ValueRank.Scalar
        attributes.AccessLevel = attributes.UserAccessLevel = ua.AccessLevel.CurrentRead.mask
        made = await self._add(parent, name, attributes, ua.NodeClass.Variable, node, reference, ua.NodeId(type))
        self._live.append(_Live(made, kind, value, first))
        return made

    async def property(
        self,
        parent: ua.NodeId,
        name: ua.QualifiedName,
        value: Value,
        *,
        kind: ua.VariantType,
        node: ua.NodeId,
        data_type: ua.NodeId | None = None,
    ) -> ua.NodeId:
        return await self.variable(
            parent,
            name,
            value,
            kind=kind,
            node=node,
            data_type=data_type,
            type=ua.ObjectIds.PropertyType,
            reference=ua.ObjectIds.HasProperty,
        )

    async def object_type(self, parent: ua.NodeId, name: ua.QualifiedName, *, node: ua.NodeId) -> ua.NodeId:
        attributes = ua.ObjectTypeAttributes()
        attributes.DisplayName, attributes.IsAbstract = ua.LocalizedText(name.Name), False
        return await self._add(
            parent, name, attributes, ua.NodeClass.ObjectType, node, ua.ObjectIds.HasSubtype, ua.NodeId()
        )

    async def enumeration(self, name: ua.QualifiedName, names: tuple[str, ...], *, node: ua.NodeId) -> ua.NodeId:
        """A data type of numbered names, with its EnumValues."""
        attributes = ua.DataTypeAttributes()
        attributes.DisplayName, attributes.IsAbstract = ua.LocalizedText(name.Name), False
        parent = ua.NodeId(ua.ObjectIds.Enumeration)
        made = await self._add(
            parent, name, attributes, ua.NodeClass.DataType, node, ua.ObjectIds.HasSubtype, ua.NodeId()
        )
        values = [ua.EnumValueType(Value=n, DisplayName=ua.LocalizedText(text)) for n, text in enumerate(names)]
        await self.property(
            made,
            ua.QualifiedName("EnumValues", 0),
            lambda: values,
            kind=ua.VariantType.ExtensionObject,
            node=ua.NodeId(f"{name.Name}/EnumValues", node.NamespaceIndex),
            data_type=ua.NodeId(ua.ObjectIds.EnumValueType),
        )
        return made

    async def percent(self, parent: ua.NodeId, name: ua.QualifiedName, value: Value, *, node: ua.NodeId) -> None:
        """An AnalogUnitRangeType in percent, as overrides are."""
        made = await self.variable(
            parent, name, value, kind=ua.VariantType.Double, node=node, type=ua.ObjectIds.AnalogUnitRangeType
        )
        span = ua.Range(Low=0.0, High=200.0)
        for title, shown, kind in (
            ("EngineeringUnits", PERCENT, ua.ObjectIds.EUInformation),
            ("EURange", span, ua.ObjectIds.Range),
        ):
            await self.property(
                made,
                ua.QualifiedName(title, 0),
                lambda shown=shown: shown,  # type: ignore[misc]
                kind=ua.VariantType.ExtensionObject,
                node=ua.NodeId(f"{node.Identifier}/{title}", node.NamespaceIndex),
                data_type=ua.NodeId(kind),
            )

    async def refresh(self, now: datetime) -> None:
        """Write what changed, stamped `now` (of the shop) as source time."""
        for live in self._live:
            value = live.value()
            if value == live.shown:
                continue
            live.shown = value
            stamped = ua.DataValue(
                Value=ua.Variant(value, live.kind),
                StatusCode=ua.StatusCode(ua.StatusCodes.Good),
                SourceTimestamp=now,
                ServerTimestamp=datetime.now(UTC),
            )
            await self._server.write_attribute_value(live.node, stamped)

    async def _add(
        self,
        parent: ua.NodeId,
        name: ua.QualifiedName,
        attributes: Any,
        kind: ua.NodeClass,
        node: ua.NodeId,
        reference: int,
        type: ua.NodeId,  # noqa: A002
    ) -> ua.NodeId:
        attributes.Description, attributes.WriteMask, attributes.UserWriteMask = ua.LocalizedText(), 0, 0
        item = ua.AddNodesItem()
        item.RequestedNewNodeId, item.BrowseName, item.NodeClass = node, name, kind
        item.ParentNodeId, item.ReferenceTypeId = parent, ua.NodeId(reference)
        item.NodeAttributes, item.TypeDefinition = attributes, type
        results = await self._server.iserver.isession.add_nodes([item])
        results[0].StatusCode.check()
        return results[0].AddedNodeId
