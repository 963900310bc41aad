"""What calls of the other REST services ask for: Lambda, IoT, IoT data, execute-api.

Operations are found in the service descriptions of botocore; a resource comes from the path where AWS defines one.
An operation without a known resource asks for `*`, so a policy with an exact ARN never covers it by accident.
"""

import re
from email.utils import parseaddr
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.policy import Ask

_IOT_RESOURCES = (
    ("thingName", "thing"), ("policyName", "policy"), ("certificateId", "cert"), ("ruleName", "rule"),
    ("templateName", "provisioningtemplate"), ("jobId", "job"), ("thingGroupName", "thinggroup"),
    ("thingTypeName", "thingtype"),
)  # fmt: skip
_MODELS = {
    "iot": "iot",
    "iotdata": "iot-data",
    "iotdevicegateway": "iot-data",
    "ses": "sesv2",
    "scheduler": "scheduler",
}


def service_of_rest(service: str) -> bool:
    return service in _MODELS


def operation(service: str, method: str, path: str) -> tuple[str, dict[str, str]]:
    """Operation name and path parameters, or ("", {})."""
    raw = path.partition("?")[0]
    for verb, pattern, name in _routes(_MODELS[service]):
        found = pattern.fullmatch(raw) if verb == method else None
        if found:
            return name, {key: unquote(value) for key, value in found.groupdict().items()}
    return "", {}


@cache
def _routes(model: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    described: dict[str, Any] = Loader().load_service_model(model, "service-2")
    routes = []
    for name, one in described["operations"].items():
        uri = one["http"]["requestUri"].partition("?")[0]
        literal = not uri.count("{")
        pattern = re.sub(r"\{(\w+)(\+?)\}", lambda found: f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})", uri)
        routes.append((literal, one["http"]["method"], re.compile(pattern), name))
    routes.sort(key=lambda route: (not route[0], -len(route[2].pattern)))
    return tuple((verb, pattern, name) for _, verb, pattern, name in routes)


def asks(call: Call, cloud: Cloud) -> list[Ask]:
    """Every ask of the call; an unknown path asks for an action that no policy names."""
    name, found = operation(call.service, call.method, call.raw_target)
    prefix = {"iotdata": "iot", "iotdevicegateway": "iot"}.get(call.service, call.service)
    arn = f"arn:{cloud.partition}:{prefix}:{cloud.region}:{cloud.account}:"
    if name == "Publish":
        asked = [Ask("iot:Publish", f"{arn}topic/{found['topic']}", call.context)]
        if call.query.get("retain") in ("true", "True"):
            asked.append(Ask("iot:RetainPublish", f"{arn}topic/{found['topic']}", call.context))
        return asked
    if prefix == "iot":
        for parameter, kind in _IOT_RESOURCES:
            if parameter in found:
                return [Ask(f"iot:{name}", f"{arn}{kind}/{found[parameter]}", call.context)]
    if name == "SendEmail":
        sender = parseaddr(call.json.get("FromEmailAddress", ""))[1]
        return [Ask("ses:SendEmail", f"{arn}identity/{sender}", call.context)]
    return [Ask(f"{prefix}:{name or 'Unknown'}", "*", call.context)]


def connections(call: Call, cloud: Cloud) -> list[Ask]:
    """`POST /<stage>/@connections/<id>` of API Gateway's management API."""
    stage, _, connection = call.path.lstrip("/").partition("/@connections/")
    sockets = [api for api in cloud.of("AWS::ApiGatewayV2::Api") if api.properties.get("ProtocolType") == "WEBSOCKET"]
    api = sockets[0].physical_id if sockets else "none"
    resource = f"{api}/{stage}/{call.method}/@connections/{connection}"
    arn = f"arn:{cloud.partition}:execute-api:{cloud.region}:{cloud.account}:{resource}"
    return [Ask("execute-api:ManageConnections", arn, call.context)]
