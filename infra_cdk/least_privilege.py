"""What no role of the product may be given, refused when the template is made."""

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IConstruct

#: AWS offers no resource for these, so `*` is the narrowest there is.
WITHOUT_RESOURCE = frozenset({"greengrass", "kms", "s3", "iot", "ses", "sns", "cloudwatch", "xray"})
#: They answer with rows of everybody, whatever leading keys a policy asks for.
_WHOLE_TABLE = frozenset({"dynamodb:Scan", "dynamodb:ExecuteStatement", "dynamodb:PartiQLSelect"})


class TooMuch(ValueError):
    """A statement grants more than any function may have; the text names the role and the statement."""


@jsii.implements(cdk.IAspect)
class LeastPrivilege:
    """Looks at every policy of roles that the product declares itself."""

    def visit(self, node: IConstruct) -> None:
        """Raises TooMuch."""
        if isinstance(node, iam.CfnPolicy) and "AWS679f53fac002430cb0da5b7982bd2287" not in node.node.path:
            document = cdk.Stack.of(node).resolve(node.policy_document)
            for statement in _listed(document.get("Statement", [])):
                check(statement, where=node.node.path)


def check(statement: dict[str, Any], *, where: str) -> None:
    """Raises TooMuch for `iam:*`, a whole service, everything, and what reads whole tables for a tenant."""
    actions = [str(action) for action in _listed(statement.get("Action", []))]
    if statement.get("Effect") == "Deny":
        return
    wide = [one for one in actions if one == "*" or one.endswith(":*") or one.startswith("iam:")]
    if wide:
        raise TooMuch(f"{where}: {wide}, expected actions by name, and none of IAM")
    if "TenantRole" in where and _WHOLE_TABLE & set(actions):
        raise TooMuch(f"{where}: {sorted(_WHOLE_TABLE & set(actions))}, which leading keys do not bound")
    everything = [one for one in _listed(statement.get("Resource", [])) if one == "*"]
    services = {one.partition(":")[0] for one in actions}
    if everything and not services <= WITHOUT_RESOURCE:
        raise TooMuch(f"{where}: {sorted(services)} on every resource, expected ARNs")


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value]
