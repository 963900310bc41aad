"""From an assembly to the resources of `cloud.json`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from local_cloud import assembly, attributes, support
from local_cloud.assembly import Stack
from local_cloud.attributes import Place
from local_cloud.cloud import Resource
from local_cloud.intrinsics import Resolver

# What only tells the CDK CLI something.
_SILENT = {"AWS::CDK::Metadata"}


def resolve(folder: Path, *, place: Place, parameters: Mapping[str, str] | None = None) -> tuple[Resource, ...]:
    """Every resource of every stack, resolved. Raises BadAssembly, Unresolvable or Refused."""
    stacks = assembly.load(folder)
    resolver = Resolver(stacks, place=place, parameters={"PortalOrigin": place.origin, **(parameters or {})})
    known = support.load()
    _refuse_unknown(stacks, known)
    return tuple(
        _resource(stack, logical_id, resolver=resolver, place=place)
        for stack in stacks
        for logical_id, found in stack.resources.items()
        if found["Type"] not in _SILENT and resolver.present(stack.name, logical_id)
    )


def _refuse_unknown(stacks: Sequence[Stack], known: dict[str, support.Support]) -> None:
    for stack in stacks:
        for logical_id, found in stack.resources.items():
            if found["Type"] not in _SILENT:
                support.check(stack.name, logical_id, found, known=known)


def _resource(stack: Stack, logical_id: str, *, resolver: Resolver, place: Place) -> Resource:
    found = stack.resources[logical_id]
    name = resolver.name(stack.name, logical_id)
    return Resource(
        stack=stack.name,
        logical_id=logical_id,
        type=found["Type"],
        physical_id=name,
        arn=attributes.arn(found["Type"], name, place=place),
        properties=resolver.resolve(stack.name, found.get("Properties", {})),
        asset_path=stack.asset_path(logical_id),
    )
