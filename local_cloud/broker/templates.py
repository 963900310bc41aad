"""Provisioning templates: what a document of `AWS::IoT::ProvisioningTemplate` makes of parameters.

AWS IoT developer guide, "Provisioning templates". Of the intrinsic functions `Ref` runs here; what else a document
says is refused when it is loaded.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from local_cloud.broker.registry import Registry
from local_cloud.cloud import Resource

CERTIFICATE_ID = "AWS::IoT::Certificate::Id"
SECTIONS = {"Parameters", "Resources", "DeviceConfiguration"}
PROPERTIES = {
    "AWS::IoT::Thing": {"ThingName", "AttributePayload", "ThingTypeName", "ThingGroups"},
    "AWS::IoT::Certificate": {"CertificateId", "Status"},
    "AWS::IoT::Policy": {"PolicyName"},
}


class BadTemplate(ValueError):
    """The document asks for something that does not run here."""


class MissingParameter(ValueError):
    """The document refers to a parameter that was neither given nor has a default."""


@dataclass(frozen=True, slots=True)
class Template:
    """One enabled or disabled template. `hook` is the ARN of its function, or empty."""

    name: str
    enabled: bool
    role_arn: str
    hook: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, declared: Resource) -> Self:
        """Raises BadTemplate."""
        given = declared.properties
        if given.get("TemplateType", "FLEET_PROVISIONING") != "FLEET_PROVISIONING":
            raise BadTemplate(f"{declared.physical_id}: type {given['TemplateType']!r}, expected FLEET_PROVISIONING")
        hook = given.get("PreProvisioningHook", {}).get("TargetArn", "")
        enabled = str(given.get("Enabled", False)).lower() == "true"
        body = _checked(declared.physical_id, given["TemplateBody"])
        return cls(declared.physical_id, enabled, given["ProvisioningRoleArn"], hook, body)

    def values(self, given: Mapping[str, str], certificate: str) -> dict[str, str]:
        """Parameters of one device: what it gave, over the defaults."""
        declared = self.body.get("Parameters", {}).items()
        defaults = {name: str(one["Default"]) for name, one in declared if "Default" in one}
        return {**defaults, **given, CERTIFICATE_ID: certificate}

    def apply(self, values: Mapping[str, str], registry: Registry) -> tuple[str, dict[str, Any]]:
        """Make what the document says; answers the thing's name and the device's configuration.

        The certificate is activated last. Raises MissingParameter and RegistryError.
        """
        made = [(one, _filled(one["Properties"], values)) for one in self.body["Resources"].values()]
        settings, certificate = _filled(self.body.get("DeviceConfiguration", {}), values), values[CERTIFICATE_ID]
        by_type = {kind: [(one, got) for one, got in made if one["Type"] == kind] for kind in PROPERTIES}
        names = [got["PolicyName"] for _, got in by_type["AWS::IoT::Policy"]]
        for name in names:
            registry.policy(name)
        thing = ""
        for one, got in by_type["AWS::IoT::Thing"]:
            thing = _thing(got, one.get("OverrideSettings", {}), registry)
            registry.attach_principal(thing, certificate)
        for name in names:
            registry.attach_policy(name, certificate)
        for _, got in by_type["AWS::IoT::Certificate"]:
            registry.set_status(got["CertificateId"], got.get("Status", "ACTIVE").upper())
        return thing, settings


def _checked(name: str, text: str) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise BadTemplate(f"{name}: TemplateBody is not JSON: {error}") from error
    unknown = body.keys() - SECTIONS
    for logical_id, one in body.get("Resources", {}).items():
        known = PROPERTIES.get(one.get("Type"), set())
        unknown |= {f"{logical_id}.{key}" for key in one.get("Properties", {}).keys() - known}
    if unknown:
        raise BadTemplate(f"{name}: {', '.join(sorted(unknown))} does not run here")
    _filled(body, None)
    return body


def _filled(value: Any, values: Mapping[str, str] | None) -> Any:
    """`value` without intrinsics; without `values` only checked. Raises BadTemplate and MissingParameter."""
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        if values is not None and value["Ref"] not in values:
            raise MissingParameter(f"parameter {value['Ref']} is missing")
        return "" if values is None else values[value["Ref"]]
    strange = sorted(key for key in value if key.startswith("Fn::"))
    if strange:
        raise BadTemplate(f"{strange[0]} does not run here; Ref does")
    return {key: _filled(one, values) for key, one in value.items()}


def _thing(wanted: Mapping[str, Any], override: Mapping[str, str], registry: Registry) -> str:
    name, attributes = wanted["ThingName"], wanted.get("AttributePayload", {})
    how = override.get("AttributePayload", "FAIL")
    found = registry.find_thing(name)
    if found is None or how == "FAIL":
        registry.create_thing(name, type_name=wanted.get("ThingTypeName"), attributes=attributes)
    elif how != "DO_NOTHING":
        registry.update_thing(name, attributes=attributes, merge=how == "MERGE", expected_version=None)
    for group in wanted.get("ThingGroups", ()) if not found or override.get("ThingGroups") != "DO_NOTHING" else ():
        registry.join_group(name, group)
    return str(name)
