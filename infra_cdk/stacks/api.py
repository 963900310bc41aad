"""The interfaces: HTTP API with one authorizer, WebSocket API, and the functions behind both."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.alarms import Alarms
from infra_cdk.constructs.function import CncFunction
from infra_cdk.manifests import FunctionManifest
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage

_ACCESS_LOG = (
    '{"request":"$context.requestId","route":"$context.routeKey","status":"$context.status",'
    '"ip":"$context.identity.sourceIp","latency_ms":"$context.responseLatency"}'
)
#: What `websocket` of a manifest's access may do with connections.
_CONNECTION_METHODS = {"": (), "post": ("POST",), "post-end": ("POST", "DELETE")}
_TRIGGERS = {"http", "websocket", "invoke", "authorizer", "page"}


class ApiStack(CncStack):
    """Routes come from the manifests; the one authorizer stands before each."""

    def __init__(self, scope: Construct, *, stage: Stage, functions: dict[str, FunctionManifest]) -> None:
        super().__init__(scope, "api", stage=stage, description="CNC Copilot: GraphQL, REST, WebSocket, page")
        wanted = [manifest for manifest in functions.values() if manifest.trigger.keys() & _TRIGGERS]
        made = {manifest.name: CncFunction(self, manifest) for manifest in wanted}
        alarms = Alarms(self)
        for function in made.values():
            alarms.of_function(function)
        alarms.of_api()
        self._http(made)
        self._websocket(made)

    def _http(self, made: dict[str, CncFunction]) -> None:
        api = apigw.HttpApi(self, "Http", api_name=self.stage.resource("http"), create_default_stage=True)
        self._log_access(api.default_stage, "HttpAccess")
        door = next(function for function in made.values() if "authorizer" in function.manifest.trigger)
        authorizer = authorizers.HttpLambdaAuthorizer(
            "Authorizer",
            door.function,
            authorizer_name="credential",
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            # No result is kept: one would be found by the credential alone, or a missing credential be refused in
            # API Gateway's two words (docs/decisions/0006-refusals-come-from-the-functions.md).
            identity_source=[],
            results_cache_ttl=cdk.Duration.seconds(0),
        )
        for function in made.values():
            trigger = function.manifest.trigger
            integration = integrations.HttpLambdaIntegration(f"{function.manifest.name}Integration", function.function)
            for route in trigger.get("http", ()):
                _route(api, route, integration=integration, authorizer=authorizer)
            for route in ("ANY /", "ANY /{proxy+}") if trigger.get("page") else ():
                _route(api, route, integration=integration, authorizer=authorizer)
        self.publish("http-api-domain", f"{api.api_id}.execute-api.{self.region}.{self.url_suffix}")

    def _websocket(self, made: dict[str, CncFunction]) -> None:
        handler = next(function for function in made.values() if "websocket" in function.manifest.trigger)
        api = apigw.WebSocketApi(
            self,
            "Socket",
            api_name=self.stage.resource("socket"),
            route_selection_expression="$request.body.action",
            connect_route_options=_socket_route("connect", handler),
            default_route_options=_socket_route("default", handler),
            disconnect_route_options=_socket_route("disconnect", handler),
        )
        for event in ("$connect", "$default", "$disconnect"):
            route = api.node.find_child(f"{event}-Route")
            acknowledge(route, "APIG4", "$connect takes a single-use ticket; connection_init takes the credential.")
        stage = apigw.WebSocketStage(self, "SocketStage", web_socket_api=api, stage_name="live", auto_deploy=True)
        self._log_access(stage, "SocketAccess")
        url = f"https://{api.api_id}.execute-api.{self.region}.{self.url_suffix}/live"
        for function in made.values():
            allowed = _CONNECTION_METHODS[function.manifest.access.get("websocket", "")]
            if allowed:
                function.function.add_environment("WEBSOCKET_URL", url)
            for method in allowed:
                self._allow_connections(function, api, method)
        self.publish("socket-api-domain", f"{api.api_id}.execute-api.{self.region}.{self.url_suffix}")

    def _allow_connections(self, function: CncFunction, api: apigw.WebSocketApi, method: str) -> None:
        name = f"live/{method}/@connections/*"
        manage = self.format_arn(service="execute-api", resource=api.api_id, resource_name=name)
        function.role.add_to_policy(iam.PolicyStatement(actions=["execute-api:ManageConnections"], resources=[manage]))
        place = f"<AWS::Region>:<AWS::AccountId>:<{self.get_logical_id(_resource(api))}>"
        acknowledge(
            function.role,
            f"IAM5[Resource::arn:<AWS::Partition>:execute-api:{place}/{name}]",
            "Connection ids are made by API Gateway; the registration row says whose each one is.",
        )

    def _log_access(self, stage: Any, name: str) -> None:
        group = logs.LogGroup(
            self, name, retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        stage.node.default_child.access_log_settings = apigw.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=_ACCESS_LOG
        )


def _resource(api: apigw.WebSocketApi) -> apigw.CfnApi:
    child = api.node.default_child
    assert isinstance(child, apigw.CfnApi)
    return child


def _socket_route(event: str, handler: CncFunction) -> apigw.WebSocketRouteOptions:
    integration = integrations.WebSocketLambdaIntegration(f"{event.capitalize()}Integration", handler.function)
    return apigw.WebSocketRouteOptions(integration=integration)


def _route(api: apigw.HttpApi, route: str, **how: Any) -> list[apigw.HttpRoute]:
    verb, _, path = route.partition(" ")
    return api.add_routes(path=path, methods=[apigw.HttpMethod[verb]], **how)
