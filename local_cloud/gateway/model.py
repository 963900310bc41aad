"""What the template says about hosts, routes, authorizers and sockets, ready to be asked per request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from local_cloud.cloud import Cloud, Resource
from local_cloud.gateway import response_headers
from local_cloud.gateway.response_headers import Added

FUNCTION = re.compile(r":function:([A-Za-z0-9_-]+)")
MAX_TIMEOUT_S = 29.0


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda REQUEST authorizer with simple responses; `identity` are header and query names that must be there."""

    id: str
    function: str
    identity: tuple[str, ...]
    ttl_s: float


@dataclass(frozen=True, slots=True)
class Route:
    """One route of an API. `path` are its segments, `{name}` and a last `{name+}` are parameters."""

    key: str
    function: str
    timeout_s: float = MAX_TIMEOUT_S
    authorizer: Authorizer | None = None
    answers: bool = False
    method: str = ""
    path: tuple[str, ...] = ()

    def match(self, method: str, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Path parameters, or None."""
        if self.method not in ("ANY", method):
            return None
        found: dict[str, str] = {}
        for at, wanted in enumerate(self.path):
            if wanted.endswith("+}"):
                rest = "/".join(segments[at:])
                return {**found, wanted[1:-2]: rest} if rest else None
            if at >= len(segments) or (not wanted.startswith("{") and wanted != segments[at]):
                return None
            if wanted.startswith("{"):
                found[wanted[1:-1]] = segments[at]
        return found if len(segments) == len(self.path) else None

    @property
    def rank(self) -> tuple[int, int, int]:
        """AWS: a full match before a greedy one, more literal segments first, a method before ANY."""
        literal = sum(1 for segment in self.path if not segment.startswith("{"))
        return (any(s.endswith("+}") for s in self.path), -literal, self.method == "ANY")


@dataclass(frozen=True, slots=True)
class Api:
    """`arn_prefix`: `arn:aws:execute-api:<region>:<account>:<api id>/<stage>`."""

    id: str
    stage: str
    arn_prefix: str
    routes: tuple[Route, ...]
    selection: str = ""

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Routes are sorted by rank; `$default` comes last."""
        segments = tuple(path.strip("/").split("/")) if path.strip("/") else ()
        for route in self.routes:
            found = route.match(method, segments)
            if found is not None:
                return route, found
        return next(((route, {}) for route in self.routes if route.key == "$default"), None)

    def named(self, key: str) -> Route | None:
        return next((route for route in self.routes if route.key == key), None)


@dataclass(frozen=True, slots=True)
class Behavior:
    """A path pattern of the distribution and what answers it: an API, or a bucket of static files.

    `shown` are the custom headers of the origin, as the template says them; `added` those of every response.
    """

    pattern: str
    api: Api | None = None
    bucket: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    added: tuple[Added, ...] = ()

    def covers(self, path: str) -> bool:
        # CloudFront: * and ? are the wildcards, the leading slash is optional.
        return fnmatchcase(path, self.pattern if self.pattern.startswith("/") else f"/{self.pattern}")


@dataclass(frozen=True, slots=True)
class Host:
    """All behaviours, most specific first as the template orders them; the default one is last."""

    behaviors: tuple[Behavior, ...]
    apis: Mapping[str, Api] = field(default_factory=dict)
    sockets: frozenset[str] = frozenset()

    def behavior(self, path: str) -> Behavior:
        return next(one for one in self.behaviors if one.covers(path))


def read(cloud: Cloud) -> Host:
    """Raises ValueError when the template holds what does not run here."""
    apis = {api.physical_id: _api(cloud, api) for api in cloud.of("AWS::ApiGatewayV2::Api")}
    sockets = frozenset(
        api.physical_id for api in cloud.of("AWS::ApiGatewayV2::Api") if api.properties["ProtocolType"] == "WEBSOCKET"
    )
    distributions = cloud.of("AWS::CloudFront::Distribution")
    if len(distributions) != 1:
        raise ValueError(f"expected one CloudFront distribution, the template has {len(distributions)}")
    config = distributions[0].properties["DistributionConfig"]
    origins = {origin["Id"]: origin for origin in config["Origins"]}
    declared = [*config.get("CacheBehaviors", []), {**config["DefaultCacheBehavior"], "PathPattern": "*"}]
    policies = {
        policy.physical_id: response_headers.read(policy.properties["ResponseHeadersPolicyConfig"])
        for policy in cloud.of("AWS::CloudFront::ResponseHeadersPolicy")
    }
    return Host(tuple(_behavior(one, origins, apis, policies) for one in declared), apis, sockets)


def _behavior(
    declared: Mapping[str, Any],
    origins: Mapping[str, Any],
    apis: Mapping[str, Api],
    policies: Mapping[str, tuple[Added, ...]],
) -> Behavior:
    policy = declared.get("ResponseHeadersPolicyId")
    added = policies[policy] if policy else ()
    origin = origins[declared["TargetOriginId"]]
    domain: str = origin["DomainName"]
    shown = {one["HeaderName"]: one["HeaderValue"] for one in origin.get("OriginCustomHeaders", [])}
    name = domain.partition(".")[0]
    if name in apis:
        return Behavior(declared["PathPattern"], api=apis[name], shown=shown, added=added)
    if ".s3." in domain:
        return Behavior(declared["PathPattern"], bucket=name, added=added)
    raise ValueError(f"behaviour {declared['PathPattern']}: origin {domain} is neither an API nor a bucket")


def _api(cloud: Cloud, api: Resource) -> Api:
    stage = next(r for r in cloud.of("AWS::ApiGatewayV2::Stage") if r.properties["ApiId"] == api.physical_id)
    routes = [
        _route(cloud, r) for r in cloud.of("AWS::ApiGatewayV2::Route") if r.properties["ApiId"] == api.physical_id
    ]
    prefix = f"arn:{cloud.partition}:execute-api:{cloud.region}:{cloud.account}:{api.physical_id}"
    return Api(
        api.physical_id,
        stage.properties["StageName"],
        f"{prefix}/{stage.properties['StageName']}",
        tuple(sorted(routes, key=lambda route: route.rank)),
        api.properties.get("RouteSelectionExpression", ""),
    )


def _route(cloud: Cloud, resource: Resource) -> Route:
    properties = resource.properties
    integration = cloud.one("AWS::ApiGatewayV2::Integration", properties["Target"].removeprefix("integrations/"))
    if integration.properties["IntegrationType"] != "AWS_PROXY":
        raise ValueError(f"route {properties['RouteKey']}: only AWS_PROXY integrations run here")
    timeout_s = float(integration.properties.get("TimeoutInMillis", MAX_TIMEOUT_S * 1000)) / 1000
    kind = properties.get("AuthorizationType", "NONE")
    if kind not in ("NONE", "CUSTOM"):
        raise ValueError(f"route {properties['RouteKey']}: authorization {kind} does not run here")
    method, _, path = properties["RouteKey"].partition(" ")
    answers = any(r.properties["RouteId"] == resource.physical_id for r in cloud.of("AWS::ApiGatewayV2::RouteResponse"))
    return Route(
        properties["RouteKey"],
        function_name(integration.properties["IntegrationUri"]),
        min(timeout_s, MAX_TIMEOUT_S),
        _authorizer(cloud.one("AWS::ApiGatewayV2::Authorizer", properties["AuthorizerId"]))
        if kind == "CUSTOM"
        else None,
        answers,
        method if path else "",
        tuple(path.strip("/").split("/")) if path.strip("/") else (),
    )


def _authorizer(resource: Resource) -> Authorizer:
    properties = resource.properties
    if properties["AuthorizerType"] != "REQUEST" or not properties.get("EnableSimpleResponses"):
        raise ValueError(f"authorizer {properties['Name']}: only REQUEST with simple responses runs here")
    identity = properties.get("IdentitySource", [])
    ttl_s = float(properties.get("AuthorizerResultTtlInSeconds", 300))
    if ttl_s and not identity:
        raise ValueError(f"authorizer {properties['Name']}: without an identity source no result can be kept")
    return Authorizer(
        resource.physical_id,
        function_name(properties["AuthorizerUri"]),
        tuple([identity] if isinstance(identity, str) else identity),
        ttl_s,
    )


def function_name(uri: str) -> str:
    """Raises ValueError when the URI names no function."""
    found = FUNCTION.search(uri)
    if found is None:
        raise ValueError(f"integration {uri!r}: expected a Lambda function")
    return found[1]
