"""Everything that must survive: tables, the bucket, and the queue of what a rule could not deliver."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.constructs.tenant_role import operator_role
from infra_cdk.stacks.base import ANCHOR_SECRET, ORIGIN_SECRET, WRITE_SECRET, CncStack
from infra_cdk.stage import Stage

_STRING = dynamodb.AttributeType.STRING
#: Longest time a message of a failed rule waits to be looked at; the longest that SQS allows.
_DEAD_LETTER_DAYS = 14
#: How long an anchor of an audit chain cannot be removed: as long as makers of aircraft parts keep their records.
_ANCHOR_DAYS = 3653


class DataStack(CncStack):
    """The stateful stack: nothing in it may be replaced by a deployment."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "data", stage=stage, description="CNC Copilot: tables, bucket, dead letters")
        for noun in ("telemetry", "shop", "audit"):
            self._table(noun, sort_key=True)
        self._table("directory", sort_key=False)
        for silo in sorted(set(stage.silos.values())):
            for noun in ("telemetry", "shop", "audit"):
                self._table(noun, sort_key=True, silo=silo)
        self._person_keys()
        self._bucket(logs := self._access_logs())
        self._anchors(logs)
        self._dead_letters()
        self._origin_secret()
        self._write_secret()
        self._anchor_secret()
        self.publish("operator-role-arn", operator_role(self).role_arn)

    def _person_keys(self) -> None:
        """Keys of people, wrapped by this key. A copy of a key would outlive its destruction, so there is none."""
        for silo in ("", *sorted(set(self.stage.silos.values()))):
            table = self._table("keys", sort_key=True, backed_up=False, silo=silo)
            acknowledge(table, "DDB3", "Destroying a person's key is final: no backup of it may bring the person back.")
        key = kms.Key(
            self,
            "PersonKey",
            alias=f"alias/{self.stage.resource('person-keys')}",
            description="Wraps the data key of every person",
            enable_key_rotation=True,
            removal_policy=self.removal,
        )
        self.publish("person-key-arn", key.key_arn)

    def _table(self, noun: str, *, sort_key: bool, backed_up: bool = True, silo: str = "") -> dynamodb.TableV2:
        name = self.stage.resource(noun)
        return dynamodb.TableV2(
            self,
            noun.capitalize() + silo.capitalize(),
            table_name=f"{name}-{silo}" if silo else name,
            partition_key=dynamodb.Attribute(name="p", type=_STRING),
            sort_key=dynamodb.Attribute(name="s", type=_STRING) if sort_key else None,
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=backed_up
            ),
            time_to_live_attribute="x",
            deletion_protection=self.stage.keeps_data,
            removal_policy=self.removal,
        )

    def _origin_secret(self) -> None:
        what = "What CloudFront shows to the origins, so that nobody reaches them past it"
        reason = "A new value needs a deployment of the distribution between two steps: docs/runbooks/origin-secret.md."
        acknowledge(self._secret("Origin", ORIGIN_SECRET, what), "SMG4", reason)

    def _write_secret(self) -> None:
        what = "What the key of orders to write to a machine is made from"
        reason = "Gateways hold its public half: it is replaced by hand, one gateway after another."
        acknowledge(self._secret("WriteKey", WRITE_SECRET, what), "SMG4", reason)

    def _secret(self, name: str, noun: str, description: str) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            name,
            secret_name=self.stage.resource(noun),
            description=description,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True, include_space=False
            ),
            removal_policy=self.removal,
        )

    def _access_logs(self) -> s3.Bucket:
        return s3.Bucket(self, "AccessLogs", **self._bucket_rules(), lifecycle_rules=[_expire(days=90)])

    def _anchors(self, logs: s3.Bucket) -> None:
        """What was put here stays as it is until its time is over, whoever asks, the owner of the account included."""
        bucket = s3.Bucket(
            self,
            "Anchors",
            **self._bucket_rules(),
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(cdk.Duration.days(_ANCHOR_DAYS)),
            server_access_logs_bucket=logs,
            server_access_logs_prefix="anchors/",
        )
        for actions, conditions in (
            (["s3:PutObject"], {"Null": {"s3:if-none-match": "true"}}),
            (["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"], None),
        ):
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=actions,
                    resources=[bucket.arn_for_objects("*")],
                    conditions=conditions,
                )
            )
        self.publish("anchor-bucket", bucket.bucket_name)

    def _anchor_secret(self) -> None:
        what = "What the key of anchors of audit chains is made from"
        reason = "Customers hold its public half: it is replaced by hand, with both told (docs/audit.md)."
        acknowledge(self._secret("AnchorKey", ANCHOR_SECRET, what), "SMG4", reason)

    def _bucket(self, logs: s3.Bucket) -> None:
        bucket = s3.Bucket(
            self,
            "Bucket",
            **self._bucket_rules(),
            versioned=True,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="bucket/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=cdk.Duration.days(35),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                )
            ],
        )
        self.publish("bucket", bucket.bucket_name)

    def _bucket_rules(self) -> dict[str, Any]:
        return {
            "encryption": s3.BucketEncryption.S3_MANAGED,
            "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
            "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "enforce_ssl": True,
            "removal_policy": self.removal,
        }

    def _dead_letters(self) -> None:
        queue = sqs.Queue(
            self,
            "RuleErrors",
            queue_name=self.stage.resource("rule-errors"),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(_DEAD_LETTER_DAYS),
            removal_policy=self.removal,
        )
        acknowledge(queue, "SQS3", "This is the dead-letter queue itself; a person or a redrive empties it.")
        self.publish("rule-errors-arn", queue.queue_arn)
        self.publish("rule-errors-url", queue.queue_url)


def _expire(*, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(expiration=cdk.Duration.days(days))
