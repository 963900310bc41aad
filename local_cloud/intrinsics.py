"""Resolves the intrinsic functions of all stacks, lazily: no order of stacks is needed, a circle is an error.

Stacks are joined by SSM names, so a parameter of an SSM type is the value of the `AWS::SSM::Parameter` of that name,
whichever stack declares it.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_cloud import attributes, identifiers
from local_cloud.assembly import Stack
from local_cloud.attributes import Place

NOTHING = object()  # AWS::NoValue: the property is left out
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC = re.compile(r"\{\{resolve:ssm:([^:}]+)(?::\d+)?\}\}")
_BOOTSTRAP = re.compile(r"/cdk-bootstrap/[^/]+/version")


class Unresolvable(ValueError):
    """A template says something that cannot be resolved; the text has stack, place and what was expected."""


class Resolver:
    """Answers every expression of every stack of one assembly."""

    def __init__(self, stacks: Sequence[Stack], *, place: Place, parameters: Mapping[str, str]) -> None:
        self._stacks = {stack.name: stack for stack in stacks}
        self._place = place
        self._given = parameters
        self._busy: list[str] = []
        self._names: dict[tuple[str, str], str] = {}
        self._sockets = {
            identifiers.physical_id("AWS::ApiGatewayV2::Api", stack.name, id_, region=place.region)
            for stack in stacks
            for id_, found in stack.resources.items()
            if found["Type"] == "AWS::ApiGatewayV2::Api" and found["Properties"].get("ProtocolType") == "WEBSOCKET"
        }
        self._functions: dict[str, Callable[[str, Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": lambda s, v: base64.b64encode(str(self.resolve(s, v)).encode()).decode(),
            "Fn::GetAZs": lambda _s, _v: [f"{place.region}a", f"{place.region}b", f"{place.region}c"],
            "Fn::ToJsonString": lambda s, v: json.dumps(self.resolve(s, v), separators=(",", ":")),
            "Fn::Equals": lambda s, v: self.resolve(s, v[0]) == self.resolve(s, v[1]),
            "Fn::Not": lambda s, v: not self._truth(s, v[0]),
            "Fn::And": lambda s, v: all(self._truth(s, one) for one in v),
            "Fn::Or": lambda s, v: any(self._truth(s, one) for one in v),
        }

    def resolve(self, stack: str, value: Any) -> Any:
        """`value` without intrinsics. Raises Unresolvable."""
        if isinstance(value, dict):
            if len(value) == 1:
                (name, argument), *_ = value.items()
                if name in self._functions:
                    return self._functions[name](stack, argument)
                if name.startswith("Fn::"):
                    raise Unresolvable(f"{stack}: {name} is not known here; known: {sorted(self._functions)}")
            resolved = {key: self.resolve(stack, one) for key, one in value.items()}
            return {key: one for key, one in resolved.items() if one is not NOTHING}
        if isinstance(value, list):
            return [one for one in (self.resolve(stack, one) for one in value) if one is not NOTHING]
        if isinstance(value, str):
            return _DYNAMIC.sub(lambda found: str(self.ssm(found[1])), value)
        return value

    def name(self, stack: str, logical_id: str) -> str:
        """Physical name of a resource: the one its property says, or one made from its ids."""
        key = (stack, logical_id)
        if key not in self._names:
            with self._once(f"{stack}/{logical_id}"):
                self._names[key] = self._find_name(stack, logical_id)
        return self._names[key]

    def present(self, stack: str, logical_id: str) -> bool:
        """Whether the condition of the resource, if any, holds."""
        condition = self._resource(stack, logical_id).get("Condition")
        return condition is None or self._condition(stack, condition)

    def ssm(self, name: str) -> Any:
        """The value of the SSM parameter that some stack declares under this name. Raises Unresolvable."""
        if _BOOTSTRAP.fullmatch(name):
            return "30"
        for stack in self._stacks.values():
            for id_, found in stack.resources.items():
                if found["Type"] == "AWS::SSM::Parameter" and self.name(stack.name, id_) == name:
                    with self._once(f"ssm:{name}"):
                        return self.resolve(stack.name, found["Properties"]["Value"])
        raise Unresolvable(f"no stack declares the SSM parameter {name!r}")

    def _find_name(self, stack: str, logical_id: str) -> str:
        found = self._resource(stack, logical_id)
        type_ = found["Type"]
        own = found.get("Properties", {}).get(attributes.NAME_PROPERTY.get(type_, ""), NOTHING)
        if own is not NOTHING:
            return str(self.resolve(stack, own))
        return identifiers.physical_id(type_, stack, logical_id, region=self._place.region)

    def _resource(self, stack: str, logical_id: str) -> dict[str, Any]:
        resources = self._stacks[stack].resources
        if logical_id not in resources:
            raise Unresolvable(f"{stack}: no resource or parameter {logical_id!r}")
        return resources[logical_id]

    def _ref(self, stack: str, logical_id: str) -> Any:
        pseudo = {
            "AWS::Region": self._place.region,
            "AWS::AccountId": self._place.account,
            "AWS::Partition": self._place.partition,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NOTHING,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{self._place.region}:{self._place.account}:stack/{stack}/local",
        }
        if logical_id in pseudo:
            return pseudo[logical_id]
        parameters = self._stacks[stack].template.get("Parameters", {})
        if logical_id in parameters:
            return self._parameter(stack, logical_id, parameters[logical_id])
        type_ = self._resource(stack, logical_id)["Type"]
        return attributes.ref(type_, self.name(stack, logical_id), place=self._place)

    def _parameter(self, stack: str, name: str, declared: dict[str, Any]) -> Any:
        value = self._given.get(name, declared.get("Default", NOTHING))
        if value is NOTHING:
            raise Unresolvable(f"{stack}: parameter {name} has no default and was not given")
        if declared["Type"].startswith("AWS::SSM::Parameter::Value<"):
            return self.ssm(value)
        if "List" in declared["Type"]:
            return str(value).split(",")
        return value

    def _get_att(self, stack: str, argument: Any) -> Any:
        logical_id, _, attribute = (
            argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
        )
        type_ = self._resource(stack, logical_id)["Type"]
        try:
            return attributes.get_att(type_, self.name(stack, logical_id), attribute, place=self._place)
        except KeyError:
            raise Unresolvable(
                f"{stack}: attribute {attribute!r} of {logical_id} ({type_}) is not known here"
            ) from None

    def _join(self, stack: str, argument: Any) -> str:
        separator, values = argument
        return self._local(separator.join(str(one) for one in self.resolve(stack, values)))

    def _sub(self, stack: str, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def value(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return "${" + name + "}"
            if name in own:
                return str(self.resolve(stack, own[name]))
            return str(self._get_att(stack, name) if "." in name else self._ref(stack, name))

        return self._local(_VARIABLE.sub(value, text))

    def _local(self, text: str) -> str:
        """A URL of AWS that was put together from our ids becomes the local one."""
        text = text.replace(f"https://{self._place.host}", self._place.origin)
        issuers = f"https://cognito-idp.{self._place.region}.amazonaws.com/"
        text = text.replace(issuers, f"{self._place.origin}/oidc/")
        for api in self._sockets:
            text = text.replace(f"https://{api}.execute-api.{self._place.region}.amazonaws.com", self._place.aws_url)
        return text

    def _select(self, stack: str, argument: Any) -> Any:
        index, values = argument
        return self.resolve(stack, values)[int(self.resolve(stack, index))]

    def _split(self, stack: str, argument: Any) -> list[str]:
        separator, text = argument
        return str(self.resolve(stack, text)).split(separator)

    def _if(self, stack: str, argument: Any) -> Any:
        condition, yes, no = argument
        return self.resolve(stack, yes if self._condition(stack, condition) else no)

    def _condition(self, stack: str, name: str) -> bool:
        conditions = self._stacks[stack].template.get("Conditions", {})
        if name not in conditions:
            raise Unresolvable(f"{stack}: no condition {name!r}")
        return self._truth(stack, conditions[name])

    def _truth(self, stack: str, value: Any) -> bool:
        if isinstance(value, dict) and set(value) == {"Condition"}:
            return self._condition(stack, value["Condition"])
        return bool(self.resolve(stack, value))

    def _import(self, stack: str, argument: Any) -> Any:
        wanted = self.resolve(stack, argument)
        for exporter in self._stacks.values():
            for output in exporter.template.get("Outputs", {}).values():
                if "Export" in output and self.resolve(exporter.name, output["Export"]["Name"]) == wanted:
                    return self.resolve(exporter.name, output["Value"])
        raise Unresolvable(f"{stack}: no stack exports {wanted!r}")

    def _find_in_map(self, stack: str, argument: Any) -> Any:
        table, first, second = (self.resolve(stack, one) for one in argument)
        return self._stacks[stack].template["Mappings"][table][first][second]

    def _once(self, what: str) -> "_Busy":
        return _Busy(self._busy, what)


class _Busy:
    """Marks an expression as being resolved, so that a circle is named and not recursed into."""

    def __init__(self, busy: list[str], what: str) -> None:
        self._busy = busy
        self._what = what

    def __enter__(self) -> None:
        if self._what in self._busy:
            raise Unresolvable(f"values depend on each other in a circle: {' -> '.join((*self._busy, self._what))}")
        self._busy.append(self._what)

    def __exit__(self, *_: object) -> None:
        self._busy.pop()
