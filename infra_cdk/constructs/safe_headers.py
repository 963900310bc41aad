"""Headers that keep every answer of the one host to itself, whoever made it: function, bucket, or AWS with an error."""

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

#: For what is no page: nothing may run, nobody may frame it. Pages bring a policy of their own, which stays.
NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
#: name -> value; none of them can be set in the policy's own fields.
MORE = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SafeHeaders(cloudfront.ResponseHeadersPolicy):
    """What a response says already stays, but for HSTS and nosniff, which nothing may weaken."""

    def __init__(self, scope: Construct, name: str, *, policy_name: str) -> None:
        super().__init__(
            scope,
            name,
            response_headers_policy_name=policy_name,
            comment="Headers of every answer of the one host",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=NO_PAGE, override=False
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=False
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=header, value=value, override=False)
                    for header, value in MORE.items()
                ]
            ),
        )
