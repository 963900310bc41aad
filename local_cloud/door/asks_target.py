"""What calls of JSON and query services ask for: SQS, SNS, SSM, secrets, EventBridge, Cognito, CloudWatch."""

from collections.abc import Callable

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.identities import queue_name
from local_cloud.door.policy import Ask

# Signing name -> IAM prefix, where they differ.
_PREFIX = {"monitoring": "cloudwatch", "cognito-idp": "cognito-idp", "email": "ses"}
_BATCHES = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
_BATCHES |= {"ChangeMessageVisibilityBatch": "ChangeMessageVisibility", "PublishBatch": "Publish"}


def asks(call: Call, cloud: Cloud) -> list[Ask]:
    """Every ask of the call; without a known resource it asks for `*`."""
    prefix = _PREFIX.get(call.service, call.service)
    name = _BATCHES.get(call.operation, call.operation)
    base = f"arn:{cloud.partition}:{prefix}:{cloud.region}:{cloud.account}:"
    finder = _FINDERS.get(prefix)
    found = (finder(call, base) if finder else []) or ["*"]
    return [Ask(f"{prefix}:{name or 'Unknown'}", arn, call.context) for arn in found]


def _queue(call: Call, base: str) -> list[str]:
    name = call.json.get("QueueUrl") or call.json.get("QueueName")
    return [base + queue_name(name)] if name else []


def _topic(call: Call, _base: str) -> list[str]:
    arn = call.form.get("TopicArn") or call.form.get("TargetArn")
    return [arn] if arn else []


def _parameters(call: Call, base: str) -> list[str]:
    body = call.json
    names = [
        *body.get("Names", []),
        *([body["Name"]] if "Name" in body else []),
        *([body["Path"]] if "Path" in body else []),
    ]
    return [f"{base}parameter/{name.lstrip('/')}" for name in names]


def _secret(call: Call, base: str) -> list[str]:
    secret = call.json.get("SecretId") or call.json.get("Name")
    if not secret:
        return []
    # A name stands for the ARN, which ends in six characters that Secrets Manager chose.
    return [secret if secret.startswith("arn:") else f"{base}secret:{secret}-local0"]


def _bus(call: Call, base: str) -> list[str]:
    names = {entry.get("EventBusName", "default") for entry in call.json.get("Entries", [])}
    return sorted(name if name.startswith("arn:") else f"{base}event-bus/{name}" for name in names)


def _pool(call: Call, base: str) -> list[str]:
    pool = call.json.get("UserPoolId")
    return [f"{base}userpool/{pool}"] if pool else []


def _key(call: Call, base: str) -> list[str]:
    key = call.json.get("KeyId")
    return [key if key.startswith("arn:") else f"{base}key/{key}"] if key else []


_FINDERS: dict[str, Callable[[Call, str], list[str]]] = {
    "kms": _key,
    "sqs": _queue,
    "sns": _topic,
    "ssm": _parameters,
    "secretsmanager": _secret,
    "events": _bus,
    "cognito-idp": _pool,
}
