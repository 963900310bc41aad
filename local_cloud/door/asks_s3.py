"""What an S3 call asks for. Path style only: a bucket in the host name is not spoken here."""

import xml.etree.ElementTree as ET
from urllib.parse import unquote

from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.policy import Ask

_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}
_SUBRESOURCES = {"tagging": "Tagging", "acl": "Acl", "retention": "Retention", "legal-hold": "LegalHold"}


def asks(call: Call) -> list[Ask]:
    """Every ask of the call; what is not known asks for an action that no policy names."""
    bucket, _, key = call.path.lstrip("/").partition("/")
    if not bucket:
        return [Ask("s3:ListAllMyBuckets", "*", call.context)]
    arn = f"arn:aws:s3:::{bucket}"
    return _of_object(call, f"{arn}/{key}") if key else _of_bucket(call, arn)


def _of_object(call: Call, arn: str) -> list[Ask]:
    verb = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete"}.get(call.method, "Put")
    for name, noun in _SUBRESOURCES.items():
        if name in call.query:
            return [Ask(f"s3:{verb}Object{noun}", arn, call.context)]
    action = _OBJECT.get(call.method, f"Unknown{call.method}")
    if call.method == "DELETE" and "uploadId" in call.query:
        action = "AbortMultipartUpload"
    elif "versionId" in call.query:
        action += "Version"
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    conditional = {"s3:if-none-match": call.headers["if-none-match"]} if "if-none-match" in call.headers else {}
    found = [Ask(f"s3:{action}", arn, call.context | conditional)]
    if source := call.headers.get("x-amz-copy-source"):
        copied = unquote(source.partition("?")[0]).lstrip("/")
        found.append(Ask("s3:GetObject", f"arn:aws:s3:::{copied}", call.context))
    return found


def _of_bucket(call: Call, arn: str) -> list[Ask]:
    if call.method == "POST" and "delete" in call.query:
        return [Ask("s3:DeleteObject", f"{arn}/{key}", call.context) for key in deleted_keys(call.body)]
    listing = call.method in ("GET", "HEAD") and not call.query.keys() - {
        "list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type",
        "fetch-owner", "marker",
    }  # fmt: skip
    versions = call.method == "GET" and "versions" in call.query
    if listing or versions:
        context = call.context | {
            "s3:prefix": call.query.get("prefix", ""),
            "s3:delimiter": call.query.get("delimiter", ""),
        }
        return [Ask("s3:ListBucketVersions" if versions else "s3:ListBucket", arn, context)]
    if call.method == "GET" and "location" in call.query:
        return [Ask("s3:GetBucketLocation", arn, call.context)]
    return [Ask(f"s3:Bucket{call.method.capitalize()}{'-'.join(sorted(call.query))}", arn, call.context)]


def deleted_keys(body: bytes) -> list[str]:
    try:
        tree = ET.fromstring(body)  # noqa: S314 - expat of 3.11+ bounds entity expansion, and the body is bounded
    except ET.ParseError:
        raise AwsError(400, "MalformedXML", "the body is no Delete document") from None
    return [node.text or "" for node in tree.iter() if node.tag.rpartition("}")[2] == "Key"]
