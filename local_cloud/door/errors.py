"""Errors in the shapes of AWS: JSON, REST-JSON, REST-XML (S3) and query."""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from local_cloud.service_client import Reply

REST_JSON = {"lambda", "iot", "iotdata", "iotdevicegateway", "execute-api", "ses", "scheduler", "greengrass"}
QUERY = {"sts", "sns", "iam", "cloudformation", "autoscaling", "rds", "elasticloadbalancing"}


@dataclass(frozen=True, slots=True)
class AwsError(Exception):
    """`status` is that of REST protocols; JSON protocols answer 400 for every client error."""

    status: int
    code: str
    message: str


def reply(service: str, error: AwsError) -> Reply:
    """The answer a client of `service` can read."""
    if service == "s3":
        code = {"AccessDeniedException": "AccessDenied"}.get(error.code, error.code)
        body = f"<Error><Code>{code}</Code><Message>{escape(error.message)}</Message></Error>"
        return _xml(error.status, body)
    if service in QUERY:
        code = {"AccessDeniedException": "AccessDenied"}.get(error.code, error.code)
        inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(error.message)}</Message></Error>"
        return _xml(error.status, f"<ErrorResponse>{inner}<RequestId>local</RequestId></ErrorResponse>")
    text = json.dumps({"__type": error.code, "message": error.message, "Message": error.message}).encode()
    status = error.status if service in REST_JSON or error.status >= 500 else 400
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": error.code}
    return Reply(status, headers, text)


def _xml(status: int, body: str) -> Reply:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode()
    return Reply(status, {"Content-Type": "text/xml"}, text)
