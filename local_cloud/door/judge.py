"""The decision about one call: every ask of it must be allowed."""

from collections.abc import Callable, Sequence
from typing import NoReturn

from local_cloud.cloud import Cloud
from local_cloud.door import asks_rest, asks_s3, asks_target, policy
from local_cloud.door.asks_dynamodb import Tables
from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.identities import Identities, function_name
from local_cloud.door.policy import Ask, Decision
from local_cloud.door.sessions import Principal


class Judge:
    """Knows the documents of the template; holds no state.

    `used` hears of every ask of a role that was allowed. `unjudged` names services whose calls pass without a look at
    any policy: a test opens this wall by it, to see that the other one stands alone. Nothing but the constructor sets
    it, so no template, file, option or request can.
    """

    def __init__(
        self,
        cloud: Cloud,
        *,
        used: Callable[[str, Ask], None] = lambda _role, _ask: None,
        unjudged: frozenset[str] = frozenset(),
    ) -> None:
        self._used = used
        self._unjudged = unjudged
        self._cloud = cloud
        self.identities = Identities(cloud)
        self._tables = Tables(cloud)

    def check(self, call: Call, principal: Principal) -> None:
        """Raises AwsError AccessDeniedException naming the first ask that is not allowed."""
        if call.service in self._unjudged:
            return
        for ask in self.asks(call):
            self._check(ask, principal, call)
            if principal.role:
                self._used(principal.role.rpartition("/")[2], ask)

    def asks(self, call: Call) -> Sequence[Ask]:
        """What the call asks for."""
        match call.service:
            case "dynamodb":
                return self._tables.asks(call)
            case "s3":
                return asks_s3.asks(call)
            case "lambda":
                return [self._invoke(call)]
            case "execute-api":
                return asks_rest.connections(call, self._cloud)
            case service if asks_rest.service_of_rest(service):
                return asks_rest.asks(call, self._cloud)
            case _:
                return asks_target.asks(call, self._cloud)

    def _invoke(self, call: Call) -> Ask:
        name = function_name(call.path.partition("/functions/")[2].partition("/invocations")[0])
        if not (call.method == "POST" and call.path.endswith("/invocations")):
            return Ask("lambda:Unknown", "*", call.context)
        cloud = self._cloud
        arn = f"arn:{cloud.partition}:lambda:{cloud.region}:{cloud.account}:function:{name}"
        return Ask("lambda:InvokeFunction", arn, call.context)

    def _check(self, ask: Ask, principal: Principal, call: Call) -> None:
        if principal.service and call.service == "lambda":
            self._check_permission(ask, call)
            return
        names = [principal.arn, principal.role, principal.arn.split(":")[4]]
        by_resource = policy.decide(self.identities.of_resource(ask.resource), ask, principals=names)
        if not principal.role:
            by_identity = Decision.ALLOW
        else:
            by_identity = policy.decide(self.identities.allowed.get(principal.role, ()), ask)
        if Decision.DENY in (by_identity, by_resource):
            _deny(principal.arn, ask, "with an explicit deny")
        if Decision.ALLOW not in (by_identity, by_resource):
            _deny(principal.arn, ask, f"because no identity-based policy allows the {ask.action} action")

    def _check_permission(self, ask: Ask, call: Call) -> None:
        """A service invokes only what a Lambda permission lets it."""
        service = call.headers.get("x-local-source-principal", "")
        context = call.context | {"aws:sourcearn": call.headers.get("x-local-source-arn", "")}
        statements = self.identities.permissions(function_name(ask.resource))
        asked = Ask(ask.action, ask.resource, context)
        if policy.decide(statements, asked, principals=[service]) is not Decision.ALLOW:
            _deny(
                service or "a service",
                asked,
                f"because no Lambda permission names it with {context['aws:sourcearn']!r}",
            )


def _deny(who: str, ask: Ask, why: str) -> NoReturn:
    raise AwsError(
        403, "AccessDeniedException",
        f"User: {who} is not authorized to perform: {ask.action} on resource: {ask.resource} {why}",
    )  # fmt: skip
