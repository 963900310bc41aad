"""The documents of the template, compiled: what a role may do, who may become it, what resources say themselves."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from local_cloud.cloud import Cloud, Resource
from local_cloud.door import policy
from local_cloud.door.policy import BadPolicy, Statement

# Managed policies of AWS that the template may name; workers write their logs to files, so nothing is asked of them.
_MANAGED: dict[str, Mapping[str, Any]] = {
    # Nothing is audited here, and the broker provisions by itself, so these roles may do nothing here.
    **{name: {"Statement": []} for name in ("AWSIoTDeviceDefenderAudit", "AWSIoTThingsRegistration")},
    "AWSLambdaBasicExecutionRole": {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "*",
            }
        ]
    },
}
_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": ("Bucket", "AWS::S3::Bucket"),
    "AWS::SQS::QueuePolicy": ("Queues", "AWS::SQS::Queue"),
    "AWS::SNS::TopicPolicy": ("Topics", "AWS::SNS::Topic"),
}


class Identities:
    """Answers with compiled statements, by ARN."""

    def __init__(self, cloud: Cloud) -> None:
        self.allowed: dict[str, tuple[Statement, ...]] = {}
        self.trust: dict[str, tuple[Statement, ...]] = {}
        attached = _attached(cloud)
        for role in cloud.of("AWS::IAM::Role"):
            documents = [*_inline(role), *attached[role.physical_id]]
            self.allowed[role.arn] = tuple(one for document in documents for one in policy.parse(document))
            self.trust[role.arn] = policy.parse(role.properties["AssumeRolePolicyDocument"])
        self._resources = _resource_statements(cloud)
        self._permissions = _permissions(cloud)

    def of_resource(self, arn: str) -> tuple[Statement, ...]:
        """What the policy of a bucket, queue or topic says; an object answers with its bucket's."""
        return self._resources.get(arn.partition("/")[0] if arn.startswith("arn:aws:s3:") else arn, ())

    def permissions(self, function: str) -> tuple[Statement, ...]:
        """The Lambda permissions of a function, by its name, as statements."""
        return self._permissions.get(function, ())


def _attached(cloud: Cloud) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in cloud.of("AWS::IAM::Policy"):
        for role in one.properties.get("Roles", []):
            found[role].append(one.properties["PolicyDocument"])
    return found


def _inline(role: Resource) -> list[Mapping[str, Any]]:
    documents: list[Mapping[str, Any]] = [one["PolicyDocument"] for one in role.properties.get("Policies", [])]
    for arn in role.properties.get("ManagedPolicyArns", []):
        name = str(arn).rpartition("/")[2]
        if name not in _MANAGED:
            raise BadPolicy(f"role {role.physical_id}: the managed policy {arn} is not known here")
        documents.append(_MANAGED[name])
    return documents


def _resource_statements(cloud: Cloud) -> dict[str, tuple[Statement, ...]]:
    found: dict[str, tuple[Statement, ...]] = {}
    for type_, (name, target_type) in _RESOURCE_POLICIES.items():
        arns = {queue_name(one.physical_id): one.arn for one in cloud.of(target_type)}
        for one in cloud.of(type_):
            targets = one.properties[name]
            for target in targets if isinstance(targets, list) else [targets]:
                arn = str(arns.get(queue_name(target), target))
                found[arn] = found.get(arn, ()) + policy.parse(one.properties["PolicyDocument"])
    return found


def _permissions(cloud: Cloud) -> dict[str, tuple[Statement, ...]]:
    found: dict[str, tuple[Statement, ...]] = {}
    for one in cloud.of("AWS::Lambda::Permission"):
        name = function_name(one.properties["FunctionName"])
        source = one.properties.get("SourceArn")
        document = {
            "Statement": {
                "Effect": "Allow",
                "Action": one.properties["Action"],
                "Resource": "*",
                "Principal": {"Service": one.properties["Principal"]},
                **({"Condition": {"ArnLike": {"aws:SourceArn": source}}} if source else {}),
            }
        }
        found[name] = found.get(name, ()) + policy.parse(document)
    return found


def function_name(text: str) -> str:
    """`name`, `arn:…:function:name` or either with a qualifier -> name."""
    return text.partition(":function:")[2].partition(":")[0] if text.startswith("arn:") else text.partition(":")[0]


def queue_name(url: str) -> str:
    """The last part of a queue URL (or the text itself); its port may differ from one start to the next."""
    return url.rpartition("/")[2] if url.startswith("http") else url
