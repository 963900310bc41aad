"""Our signatures against botocore's, in both directions."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from local_cloud.cloud import Cloud, Credentials, Pki, Ports
from local_cloud.door import signatures
from local_cloud.door.sessions import BadCredentials, Sessions
from local_cloud.sigv4 import sign

OWN = Credentials("AKIAADMIN", "s3cret/+")
CLOUD = Cloud(
    repository_root="",
    data_dir="",
    origin="",
    ports=Ports(*range(1, 8)),
    service_credentials=Credentials("AKIASERVICE", "x"),
    admin_credentials=OWN,
    session_key="00" * 32,
    pki=Pki("", "", "", ""),
    resources=(),
)
ROLE = "arn:aws:iam::123456789012:role/sample"


def by_botocore(service: str, method: str, url: str, body: bytes, credentials: Credentials = OWN) -> dict[str, str]:
    request = AWSRequest(method, url, data=body, headers={"X-Amz-Target": "A.B"})
    given = BotoCredentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None)
    (S3SigV4Auth if service == "s3" else SigV4Auth)(given, service, "us-east-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()} | {"host": urlsplit(url).netloc}


def verify(method: str, url: str, headers: dict[str, str], body: bytes, *, now: datetime | None = None) -> str:
    target = url.partition("//")[2].partition("/")
    raw = "/" + target[2]
    signed = signatures.read(raw, headers)
    assert signed is not None
    principal = signatures.verify(
        signed,
        method=method,
        raw_target=raw,
        headers=headers,
        body=body,
        sessions=Sessions(CLOUD),
        now=now or datetime.now(UTC),
    )
    return principal.arn


@pytest.mark.parametrize(
    ("service", "method", "url"),
    [
        ("dynamodb", "POST", "http://127.0.0.1:9000/"),
        ("lambda", "POST", "http://127.0.0.1:9000/2015-03-31/functions/a%3Ab/invocations?Qualifier=%24LATEST"),
        ("iotdata", "POST", "http://127.0.0.1:9000/topics/cnc%2Ft%2Fs?qos=1&retain=true"),
        ("s3", "PUT", "http://127.0.0.1:9000/bucket/tenant%3Da/a%20b%2Bc?x-id=PutObject"),
        ("s3", "GET", "http://127.0.0.1:9000/bucket?list-type=2&prefix=tenant%3Da%2F&empty="),
    ],
)
def test_what_botocore_signs_is_verified_and_what_we_sign_is_the_same(service: str, method: str, url: str) -> None:
    headers = by_botocore(service, method, url, b"body")
    assert verify(method, url, headers, b"body").endswith("user/admin")
    ours = sign(
        method,
        url,
        credentials=OWN,
        service=service,
        region="us-east-1",
        body=b"body",
        now=datetime.now(UTC),
        headers={"X-Amz-Target": "A.B"},
    )
    assert verify(method, url, ours, b"body").endswith("user/admin")


@pytest.mark.parametrize("change", ["body", "method", "path", "query", "header", "secret"])
def test_anything_altered_breaks_the_signature(change: str) -> None:
    url, method, body = "http://127.0.0.1:9000/a?b=1", "POST", b"body"
    wrong = Credentials(OWN.access_key_id, "other") if change == "secret" else OWN
    headers = by_botocore("dynamodb", method, url, body, wrong)
    if change == "header":
        headers["x-amz-target"] = "A.C"
    changed = {
        "body": (method, url, b"other"),
        "method": ("PUT", url, body),
        "path": (method, url.replace("/a", "/b"), body),
    }
    changed["query"] = (method, url + "&c=2", body)
    method, url, body = changed.get(change, (method, url, body))
    with pytest.raises(BadCredentials) as refused:
        verify(method, url, headers, body)
    assert refused.value.code == "SignatureDoesNotMatch"


def test_an_old_request_is_refused() -> None:
    url = "http://127.0.0.1:9000/"
    with pytest.raises(BadCredentials, match="expired"):
        verify("POST", url, by_botocore("sqs", "POST", url, b""), b"", now=datetime.now(UTC) + timedelta(minutes=16))


def test_a_session_carries_its_role_and_tags_and_ends() -> None:
    now = datetime.now(UTC)
    sessions = Sessions(CLOUD)
    made = sessions.issue(
        ROLE, "me", now=now, duration=timedelta(minutes=15), tags={"tenant": "t_1"}, transitive=("tenant",)
    )
    secret, principal = Sessions(CLOUD).find(made.credentials.access_key_id, made.credentials.session_token, now=now)
    assert secret == made.credentials.secret_access_key
    assert (principal.role, principal.tags, principal.transitive) == (ROLE, {"tenant": "t_1"}, ("tenant",))
    with pytest.raises(BadCredentials) as ended:
        sessions.find(made.credentials.access_key_id, made.credentials.session_token, now=now + timedelta(minutes=15))
    assert ended.value.code == "ExpiredTokenException"


def test_a_token_is_good_for_its_own_access_key_only() -> None:
    now = datetime.now(UTC)
    sessions = Sessions(CLOUD)
    one, two = (sessions.issue(ROLE, "me", now=now, duration=timedelta(minutes=15)) for _ in range(2))
    with pytest.raises(BadCredentials):
        sessions.find(one.credentials.access_key_id, two.credentials.session_token, now=now)


@pytest.mark.parametrize(
    "text", ["AWS4-HMAC-SHA256 nonsense", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=, Signature="]
)
def test_a_malformed_authorization_is_refused(text: str) -> None:
    with pytest.raises(BadCredentials):
        signatures.read("/", {"authorization": text})
