"""A decoder that is not ours: Google's protobuf, with the messages of Sparkplug B by their field numbers."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_TYPES = {
    "uint64": 4, "bytes": 12, "uint32": 13, "bool": 8, "float": 2, "double": 1, "string": 9,
}  # fmt: skip
_PAYLOAD = (
    ("timestamp", 1, "uint64", ""), ("metrics", 2, "Metric", "*"), ("seq", 3, "uint64", ""), ("uuid", 4, "string", ""),
    ("body", 5, "bytes", ""),
)  # fmt: skip
_METRIC = (
    ("name", 1, "string", ""), ("alias", 2, "uint64", ""), ("timestamp", 3, "uint64", ""),
    ("datatype", 4, "uint32", ""), ("is_historical", 5, "bool", ""), ("is_transient", 6, "bool", ""),
    ("is_null", 7, "bool", ""), ("properties", 9, "PropertySet", ""), ("int_value", 10, "uint32", ""),
    ("long_value", 11, "uint64", ""), ("float_value", 12, "float", ""), ("double_value", 13, "double", ""),
    ("boolean_value", 14, "bool", ""), ("string_value", 15, "string", ""), ("bytes_value", 16, "bytes", ""),
)  # fmt: skip
_PROPERTY_SET = (("keys", 1, "string", "*"), ("values", 2, "PropertyValue", "*"))
_PROPERTY_VALUE = (
    ("type", 1, "uint32", ""), ("is_null", 2, "bool", ""), ("int_value", 3, "uint32", ""),
    ("string_value", 8, "string", ""),
)  # fmt: skip


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_b.proto", package="sparkplug", syntax="proto2")
    for name, rows in (
        ("Payload", _PAYLOAD), ("Metric", _METRIC), ("PropertySet", _PROPERTY_SET), ("PropertyValue", _PROPERTY_VALUE),
    ):  # fmt: skip
        message = file.message_type.add(name=name)
        for field, number, kind, many in rows:
            made = message.field.add(name=field, number=number, label=3 if many else 1)
            made.type = _TYPES.get(kind, 11)
            if made.type == 11:
                made.type_name = f".sparkplug.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sparkplug.Payload"))


Payload = _payload_class()


def decode(data: bytes) -> Any:
    """Raises DecodeError; a field that the format does not have is an error too."""
    payload = Payload.FromString(data)
    assert payload.SerializeToString(deterministic=True)
    assert len(payload.SerializeToString()) == len(data)
    return payload


def value_of(metric: Any) -> Any:
    """The value by the metric's data type, None when it is null."""
    if metric.is_null:
        return None
    return {4: metric.long_value, 8: metric.long_value, 10: metric.double_value, 11: metric.boolean_value,
            12: metric.string_value}[metric.datatype]  # fmt: skip


def command(name: str, value: bool, *, alias: int | None = None) -> bytes:
    payload = Payload(timestamp=1)
    metric = payload.metrics.add(datatype=11, timestamp=1, boolean_value=value)
    if name:
        metric.name = name
    if alias is not None:
        metric.alias = alias
    return bytes(payload.SerializeToString())
