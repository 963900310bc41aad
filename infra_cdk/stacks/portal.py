"""One origin for people: static assets, page, GraphQL, REST and the socket behind one CloudFront host."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.constructs.firewall import Firewall
from infra_cdk.constructs.safe_headers import SafeHeaders
from infra_cdk.stacks.base import ORIGIN_HEADER, ORIGIN_SECRET, CncStack
from infra_cdk.stage import Stage

# A WebSocket API answers at its stage alone, while the product's socket is a path of the one origin.
_TO_STAGE = "function handler(event) { event.request.uri = '/'; return event.request; }"


class PortalStack(CncStack):
    """The one public host, with a firewall in front."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "portal", stage=stage, description="CNC Copilot: one host for portal and APIs")
        logs = self._bucket("Logs", s3.ObjectOwnership.OBJECT_WRITER)
        assets = self._bucket("Assets", s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, server_access_logs_bucket=logs)
        shown = {ORIGIN_HEADER: self._origin_secret()}
        api = origins.HttpOrigin(self.joined("http-api-domain"), custom_headers=shown)
        socket = origins.HttpOrigin(self.joined("socket-api-domain"), origin_path="/live", custom_headers=shown)
        safe = SafeHeaders(self, "SafeHeaders", policy_name=stage.resource("safe-headers"))
        page = _dynamic(api, cloudfront.AllowedMethods.ALLOW_ALL, safe)
        distribution = cloudfront.Distribution(
            self,
            "Host",
            comment=f"CNC Copilot {stage.name}",
            default_behavior=page,
            additional_behaviors={
                "/assets/*": _static(origins.S3BucketOrigin.with_origin_access_control(assets), safe),
                "/socket": _dynamic(socket, cloudfront.AllowedMethods.ALLOW_GET_HEAD, safe, self._to_stage()),
            },
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=Firewall(self, "Firewall").attr_arn,
            enable_ipv6=True,
            enable_logging=True,
            log_bucket=logs,
            log_file_prefix="host/",
        )
        acknowledge(distribution, "CFR1", "Machine shops open the portal from wherever their people are.")
        acknowledge(distribution, "CFR4", "TLS 1.2 is the minimum once the stage's own domain and certificate are set.")
        self.publish("assets-bucket", assets.bucket_name)
        self.publish("distribution-domain", distribution.distribution_domain_name)

    def _origin_secret(self) -> str:
        """A dynamic reference, with the version: CloudFormation reads it anew only when its text changes."""
        version = cdk.CfnParameter(
            self,
            "OriginHeaderVersion",
            type="String",
            default="",
            description="Version id of the secret shown to the origins; empty: the newest at the first deployment",
        ).value_as_string
        return f"{{{{resolve:secretsmanager:{self.stage.resource(ORIGIN_SECRET)}:SecretString:::{version}}}}}"

    def _bucket(self, name: str, ownership: s3.ObjectOwnership, **more: Any) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=ownership,
            enforce_ssl=True,
            removal_policy=self.removal,
            **more,
        )

    def _to_stage(self) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "ToStage",
            code=cloudfront.FunctionCode.from_inline(_TO_STAGE),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )


def _dynamic(
    origin: cloudfront.IOrigin,
    methods: cloudfront.AllowedMethods,
    safe: SafeHeaders,
    rewrite: cloudfront.Function | None = None,
) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        allowed_methods=methods,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        response_headers_policy=safe,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        function_associations=[
            cloudfront.FunctionAssociation(function=rewrite, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)
        ]
        if rewrite
        else None,
    )


def _static(origin: cloudfront.IOrigin, safe: SafeHeaders) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
        response_headers_policy=safe,
        compress=True,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    )
