"""Makes the queues, buckets, topics, parameters, secrets and pools of the template in moto itself, with our ids."""

import hashlib
import hmac
import json
import string
from collections.abc import Callable
from functools import partial
from typing import Any

from local_cloud.cloud import Cloud, Resource

Seed = Callable[[int], None]
Maker = Callable[[Any, Resource], None]
_KINDS = {
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def make(cloud: Cloud, *, seed: Seed) -> None:
    """Every resource that moto holds; what moto makes up depends on the resource's name alone."""
    from moto.backends import get_backend

    secret = partial(_secret, key=cloud.session_key.encode())
    wrapping = partial(_wrapping_key, key=cloud.session_key.encode())
    makers = _MAKERS | {"AWS::SecretsManager::Secret": ("secretsmanager", secret), "AWS::KMS::Key": ("kms", wrapping)}
    for type_, (service, maker) in makers.items():
        region = "aws" if service == "s3" else cloud.region
        for resource in sorted(cloud.of(type_), key=_dead_letters_first):
            seed(int.from_bytes(hashlib.sha256(f"{resource.stack}/{resource.logical_id}".encode()).digest()[:8]))
            backends: Any = get_backend(service)  # type: ignore[call-overload]
            maker(backends[cloud.account][region], resource)


def _dead_letters_first(queue: Resource) -> bool:
    return "RedrivePolicy" in queue.properties


def _queue(backend: Any, resource: Resource) -> None:
    said = resource.properties
    names = (
        "FifoQueue", "ContentBasedDeduplication", "VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds",
        "MaximumMessageSize",
    )  # fmt: skip
    attributes = {name: said[name] for name in names if name in said}
    if "RedrivePolicy" in said:
        attributes["RedrivePolicy"] = json.dumps(said["RedrivePolicy"])
    backend.create_queue(resource.physical_id, **attributes)


def _bucket(backend: Any, resource: Resource) -> None:
    backend.create_bucket(resource.physical_id, "us-east-1")
    status = resource.properties.get("VersioningConfiguration", {}).get("Status")
    if status:
        backend.put_bucket_versioning(resource.physical_id, status)
    if resource.properties.get("ObjectLockEnabled"):
        bucket = backend.get_bucket(resource.physical_id)
        lock = resource.properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        bucket.object_lock_enabled, bucket.default_lock_mode = True, lock.get("Mode", "")
        bucket.default_lock_days, bucket.default_lock_years = int(lock.get("Days", 0)), int(lock.get("Years", 0))


def _topic(backend: Any, resource: Resource) -> None:
    backend.create_topic(resource.physical_id)


def _parameter(backend: Any, resource: Resource) -> None:
    said = resource.properties
    backend.put_parameter(
        name=resource.physical_id, description="", value=said["Value"], parameter_type=said["Type"], allowed_pattern="",
        keyid="", overwrite=True, tags=[], data_type="text", tier=None, policies=None,
    )  # fmt: skip


def _secret(backend: Any, resource: Resource, *, key: bytes) -> None:
    """What is generated follows from the key of the data folder, so that it is the same after a restart.

    A secret with neither text nor options is made without a value, as in AWS.
    """
    said = resource.properties
    text = said.get("SecretString")
    if "GenerateSecretString" in said:
        text = _generated(resource.physical_id, said["GenerateSecretString"], key=key)
    backend.create_secret(
        name=resource.physical_id, secret_string=text, secret_binary=None, description=None, tags=None,
        kms_key_id=None, client_request_token=None, replica_regions=[], force_overwrite=False,
    )  # fmt: skip
    backend.secrets[resource.physical_id].arn = resource.arn


def _wrapping_key(backend: Any, resource: Resource, *, key: bytes) -> None:
    """Its material follows from the key of the data folder, so that what it wrapped opens after a restart."""
    made = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
    backend.keys.pop(made.id)
    made.id, made.arn = resource.physical_id, resource.arn
    made.key_material = hmac.digest(key, resource.physical_id.encode(), "sha256")
    backend.keys[made.id] = made


def _generated(name: str, said: dict[str, Any], *, key: bytes) -> str:
    """What GetRandomPassword would make by these options, from the key instead of by chance.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
    """
    kinds = [letters for option, letters in _KINDS.items() if not said.get(option)]
    kinds += [" "] if said.get("IncludeSpace") else []
    kept = ["".join(one for one in letters if one not in said.get("ExcludeCharacters", "")) for letters in kinds]
    length = int(said.get("PasswordLength", 32))
    required = kept if said.get("RequireEachIncludedType", True) else []
    sources = [*required, *["".join(kept)] * (length - len(required))]
    digest = hashlib.shake_256(hmac.digest(key, name.encode(), "sha256")).digest(2 * length)
    numbers = [int.from_bytes(digest[at : at + 2]) for at in range(0, 2 * length, 2)]
    word = "".join(source[number % len(source)] for source, number in zip(sources, numbers, strict=True))
    if "SecretStringTemplate" not in said:
        return word
    return json.dumps(json.loads(said["SecretStringTemplate"]) | {said["GenerateStringKey"]: word})


def _pool(backend: Any, resource: Resource) -> None:
    said = dict(resource.properties)
    pool = backend.create_user_pool(said.pop("UserPoolName", resource.physical_id), said)
    backend.user_pools.pop(pool.id)
    pool.id = resource.physical_id
    pool.arn = resource.arn
    backend.user_pools[pool.id] = pool


def _client(backend: Any, resource: Resource) -> None:
    said = dict(resource.properties)
    pool = said.pop("UserPoolId")
    client = backend.create_user_pool_client(pool, said.pop("GenerateSecret", False), said)
    clients = backend.describe_user_pool(pool).clients
    clients.pop(client.id)
    client.id = resource.physical_id
    clients[client.id] = client


def _sender(backend: Any, resource: Resource) -> None:
    # AWS asks whoever owns the address; here it is verified at once.
    backend.verify_email_identity(resource.properties["EmailIdentity"])


_MAKERS: dict[str, tuple[str, Maker]] = {
    "AWS::SQS::Queue": ("sqs", _queue),
    "AWS::S3::Bucket": ("s3", _bucket),
    "AWS::SNS::Topic": ("sns", _topic),
    "AWS::SSM::Parameter": ("ssm", _parameter),
    "AWS::SES::EmailIdentity": ("ses", _sender),
    "AWS::Cognito::UserPool": ("cognito-idp", _pool),
    "AWS::Cognito::UserPoolClient": ("cognito-idp", _client),
}
