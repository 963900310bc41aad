"""The XML an agent answers: MTConnectDevices, MTConnectStreams, MTConnectAssets and MTConnectError.

Order of elements and attributes, and what may be absent, follow the 2.0 schemas; `version` chooses the namespace.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cnc.domain.base.clock import rfc3339
from greengrass_components.edge_kit.mtconnect.buffer import Observation
from greengrass_components.edge_kit.mtconnect.model import Category, Component, DataItem, Device
from greengrass_components.edge_kit.mtconnect.vocabulary import UNAVAILABLE, element_name

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Header:
    """What every document begins with. Sequences belong to streams alone."""

    created_ms: int
    sender: str
    instance_id: int
    buffer_size: int
    model_changed_ms: int
    version: str = "2.0"
    first_sequence: int = 0
    last_sequence: int = 0
    next_sequence: int = 0


def _attributes(pairs: Mapping[str, object]) -> str:
    return "".join(
        f" {name}={quoteattr(_clean(str(value)))}" for name, value in pairs.items() if value not in ("", None)
    )


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)


def _document(kind: str, header: Header, head: Mapping[str, object], body: str) -> bytes:
    namespace = f"urn:mtconnect.org:MTConnect{kind}:{header.version}"
    schema = f"http://schemas.mtconnect.org/schemas/MTConnect{kind}_{header.version}.xsd"
    common = {
        "creationTime": rfc3339(header.created_ms),
        "sender": header.sender,
        "instanceId": header.instance_id,
        "version": f"{header.version}.0.0",
    }
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<MTConnect{kind} xmlns:m="{namespace}" xmlns="{namespace}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{namespace} {schema}">'
        f"<Header{_attributes({**common, **head})}/>{body}</MTConnect{kind}>\n"
    ).encode()


_NO_ASSETS: Final = {"assetBufferSize": 1, "assetCount": 0}


def _changed(header: Header) -> dict[str, object]:
    """Known to the schemas since 1.7."""
    major, _, minor = header.version.partition(".")
    known = (int(major), int(minor or 0)) >= (1, 7)
    return {"deviceModelChangeTime": rfc3339(header.model_changed_ms)} if known else {}


def devices(header: Header, found: Iterable[Device]) -> bytes:
    """The answer to `probe`."""
    body = "".join(_device(device) for device in found)
    return _document(
        "Devices",
        header,
        {**_changed(header), "bufferSize": header.buffer_size, **_NO_ASSETS},
        f"<Devices>{body}</Devices>",
    )


def _device(device: Device) -> str:
    told = {"manufacturer": device.manufacturer, "model": device.model, "serialNumber": device.serial_number}
    description = ""
    if any(told.values()) or device.description:
        description = f"<Description{_attributes(told)}>{escape(_clean(device.description))}</Description>"
    head = _attributes({"id": device.id, "name": device.name, "uuid": device.uuid})
    return f"<Device{head}>{description}{_inside(device)}</Device>"


def _component(component: Component) -> str:
    head = _attributes({"id": component.id, "name": component.name})
    return f"<{component.kind}{head}>{_inside(component)}</{component.kind}>"


def _inside(owner: Device | Component) -> str:
    items = "".join(_item(item) for item in owner.items)
    below = "".join(_component(component) for component in owner.components)
    return (f"<DataItems>{items}</DataItems>" if items else "") + (f"<Components>{below}</Components>" if below else "")


def _item(item: DataItem) -> str:
    head = _attributes(
        {
            "category": item.category.value,
            "id": item.id,
            "name": item.name,
            "type": item.type,
            "subType": item.sub_type,
            "units": item.units,
            "nativeUnits": item.native_units,
            "statistic": item.statistic,
            "coordinateSystem": item.coordinate_system,
            "discrete": "true" if item.discrete else "",
        }
    )
    if not item.constant:
        return f"<DataItem{head}/>"
    value = escape(_clean(item.constant))
    return f"<DataItem{head}><Constraints><Value>{value}</Value></Constraints></DataItem>"


def streams(header: Header, found: Iterable[tuple[Device, Observation]]) -> bytes:
    """The answer to `current` and `sample`: observations in the order given, grouped by device and component."""
    grouped: dict[str, tuple[Device, dict[str, dict[Category, list[str]]]]] = {}
    for device, seen in found:
        owner, item = device.where[seen.item]
        _, owners = grouped.setdefault(device.id, (device, {}))
        owners.setdefault(owner.id, {}).setdefault(item.category, []).append(_observation(item, seen))
    body = "".join(_device_stream(device, owners) for device, owners in grouped.values())
    sequences = {
        "bufferSize": header.buffer_size,
        "nextSequence": header.next_sequence,
        "firstSequence": header.first_sequence,
        "lastSequence": header.last_sequence,
    }
    return _document("Streams", header, {**_changed(header), **sequences}, f"<Streams>{body}</Streams>")


def _device_stream(device: Device, owners: Mapping[str, Mapping[Category, list[str]]]) -> str:
    parts = [f"<DeviceStream{_attributes({'name': device.name, 'uuid': device.uuid})}>"]
    for owner in device.owners():
        if owner.id not in owners:
            continue
        kind = "Device" if isinstance(owner, Device) else owner.kind
        parts.append(
            f"<ComponentStream{_attributes({'component': kind, 'name': owner.name, 'componentId': owner.id})}>"
        )
        for category, group in (
            (Category.SAMPLE, "Samples"),
            (Category.EVENT, "Events"),
            (Category.CONDITION, "Condition"),
        ):
            if found := owners[owner.id].get(category):
                parts.append(f"<{group}>{''.join(found)}</{group}>")
        parts.append("</ComponentStream>")
    parts.append("</DeviceStream>")
    return "".join(parts)


def _observation(item: DataItem, seen: Observation) -> str:
    head: dict[str, object] = {
        "dataItemId": item.id,
        "timestamp": rfc3339(seen.at_ms),
        "name": item.name,
        "sequence": seen.sequence,
        "subType": item.sub_type,
        "statistic": item.statistic,
    }
    if item.category is Category.CONDITION:
        head |= {"type": item.type, "nativeCode": seen.native_code, "qualifier": seen.qualifier}
        return _element(seen.level.capitalize(), head, seen.value)
    if item.type in ("ASSET_CHANGED", "ASSET_REMOVED"):
        head["assetType"] = UNAVAILABLE
    return _element(element_name(item.type), head, seen.value)


def _element(name: str, head: Mapping[str, object], text: str) -> str:
    return f"<{name}{_attributes(head)}>{escape(_clean(text))}</{name}>" if text else f"<{name}{_attributes(head)}/>"


def assets(header: Header) -> bytes:
    """The answer to `assets`: this agent has none."""
    return _document("Assets", header, {**_changed(header), **_NO_ASSETS}, "<Assets/>")


def errors(header: Header, found: Iterable[tuple[str, str]]) -> bytes:
    """Errors as (code, text)."""
    rows = "".join(f'<Error errorCode="{code}">{escape(_clean(text))}</Error>' for code, text in found)
    return _document("Error", header, {"bufferSize": header.buffer_size}, f"<Errors>{rows}</Errors>")
