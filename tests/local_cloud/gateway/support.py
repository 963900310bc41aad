"""A small template, a Lambda service of plain functions, and the gateway in front of both."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from local_cloud.cloud import Cloud, Resource
from tests.local_cloud.broker.support import ACCOUNT, REGION, free_port, make_cloud, resource

Function = Callable[[dict[str, Any]], Any]
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
URI = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{LAMBDA}%s/invocations"
REFERENCE = "{{resolve:secretsmanager:origin:SecretString:::}}"
SHOWN = [{"HeaderName": "X-Origin", "HeaderValue": REFERENCE}, {"HeaderName": "X-Plain", "HeaderValue": "as said"}]
POOL, CLIENT = "us-east-1_TEST", "client1"


class Failed(Exception):
    """A function of the test raises this to be an unhandled error."""


@dataclass
class Lambdas:
    """The Lambda part of the door: `functions` by name, `events` as they came."""

    functions: dict[str, Function] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    delay_s: float = 0.0
    secrets: dict[str, str] = field(default_factory=dict)
    secrets_read: list[dict[str, Any]] = field(default_factory=list)

    async def invoke(self, request: web.Request) -> web.Response:
        name, event = request.match_info["name"], json.loads(await request.read())
        self.events.append((name, event))
        self.sources.append(request.headers["X-Local-Source-Arn"])
        await asyncio.sleep(self.delay_s)
        try:
            return web.Response(body=json.dumps(self.functions[name](event)).encode())
        except Failed:
            return web.Response(body=b'{"errorMessage": "boom"}', headers={"X-Amz-Function-Error": "Unhandled"})

    async def secret(self, request: web.Request) -> web.Response:
        """GetSecretValue."""
        asked = json.loads(await request.read())
        self.secrets_read.append(asked)
        if asked["SecretId"] not in self.secrets:
            return web.json_response({"__type": "ResourceNotFoundException"}, status=400)
        return web.json_response({"SecretString": self.secrets[asked["SecretId"]]})

    def of(self, name: str) -> list[dict[str, Any]]:
        return [event for seen, event in self.events if seen == name]


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def template(origin: str) -> tuple[Resource, ...]:
    """HTTP API with three routes and an authorizer, WebSocket API, one distribution, one pool with its client."""
    return (
        resource("AWS::ApiGatewayV2::Api", "http1", {"ProtocolType": "HTTP"}),
        resource("AWS::ApiGatewayV2::Stage", "s1", {"ApiId": "http1", "StageName": "$default"}),
        resource(
            "AWS::ApiGatewayV2::Authorizer",
            "auth1",
            {
                "ApiId": "http1",
                "Name": "credential",
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": URI % "authorizer",
                "EnableSimpleResponses": True,
                "IdentitySource": ["$request.header.Authorization"],
                "AuthorizerResultTtlInSeconds": 5,
            },
        ),
        *_route("http1", "POST /graphql", LAMBDA + "graphql", authorizer="auth1"),
        *_route("http1", "ANY /v1/{proxy+}", LAMBDA + "rest", authorizer="auth1", timeout_ms=300),
        *_route("http1", "GET /", LAMBDA + "page"),
        *_route("http1", "GET /{proxy+}", LAMBDA + "page"),
        resource(
            "AWS::ApiGatewayV2::Api",
            "sock1",
            {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
        ),
        resource("AWS::ApiGatewayV2::Stage", "s2", {"ApiId": "sock1", "StageName": "live"}),
        *_route("sock1", "$connect", URI % "socket"),
        *_route("sock1", "$default", URI % "socket"),
        *_route("sock1", "$disconnect", URI % "socket"),
        resource(
            "AWS::CloudFront::Distribution",
            "dist",
            {
                "DistributionConfig": {
                    "Origins": [
                        {
                            "Id": "h",
                            "DomainName": "http1.execute-api.us-east-1.amazonaws.com",
                            "OriginCustomHeaders": SHOWN,
                        },
                        {
                            "Id": "w",
                            "DomainName": "sock1.execute-api.us-east-1.amazonaws.com",
                            "OriginCustomHeaders": SHOWN,
                        },
                        {"Id": "b", "DomainName": "assets.s3.us-east-1.amazonaws.com"},
                    ],
                    "CacheBehaviors": [
                        {"PathPattern": "/assets/*", "TargetOriginId": "b"},
                        {"PathPattern": "/socket", "TargetOriginId": "w"},
                    ],
                    "DefaultCacheBehavior": {"TargetOriginId": "h"},
                }
            },
        ),
        resource("AWS::Cognito::UserPool", POOL, {}),
        resource(
            "AWS::Cognito::UserPoolClient",
            CLIENT,
            {
                "UserPoolId": POOL,
                "CallbackURLs": [f"{origin}/callback"],
                "LogoutURLs": [f"{origin}/"],
                "AllowedOAuthScopes": ["openid", "email", "profile"],
                "AccessTokenValidity": 60,
                "TokenValidityUnits": {"AccessToken": "minutes"},
            },
        ),
    )


def gateway_cloud(data: Path, *, aws_port: int) -> Cloud:
    http = free_port()
    return make_cloud(data, resources=template(f"http://127.0.0.1:{http}"), http=http, aws=aws_port)


def _route(api: str, key: str, uri: str, *, authorizer: str = "", timeout_ms: int = 29000) -> tuple[Resource, Resource]:
    integration = {"ApiId": api, "IntegrationType": "AWS_PROXY", "IntegrationUri": uri, "TimeoutInMillis": timeout_ms}
    kind = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer} if authorizer else {"AuthorizationType": "NONE"}
    name = f"i-{api}-{key}"
    return (
        resource("AWS::ApiGatewayV2::Integration", name, integration),
        resource(
            "AWS::ApiGatewayV2::Route",
            f"r-{key}",
            {"ApiId": api, "RouteKey": key, "Target": f"integrations/{name}", **kind},
        ),
    )
