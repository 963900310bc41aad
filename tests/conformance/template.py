"""The one stack that every target deploys: what the product relies on of AWS, in small."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local_cloud.core.parts import allow, arn, policy, resource, role, table, tenant_statements, trusted_with_tag

FUNCTIONS = Path(__file__).with_name("functions")
TIMEOUT_S = 2


@dataclass(frozen=True)
class Names:
    """Physical names of one deployed stack; the bucket's is AWS's own choice."""

    prefix: str
    bucket: str = ""

    @property
    def table(self) -> str:
        return f"{self.prefix}-rows"

    @property
    def function(self) -> str:
        return f"{self.prefix}-tricks"

    @property
    def reserved(self) -> str:
        """A function whose reserved concurrency is 0."""
        return f"{self.prefix}-reserved"

    @property
    def tenant_role(self) -> str:
        return f"{self.prefix}-tenant"

    @property
    def rule(self) -> str:
        """Rule names know no hyphen."""
        return self.prefix.replace("-", "_")

    @property
    def secret(self) -> str:
        return f"{self.prefix}-secret"

    def queue(self, kind: str) -> str:
        """Of `work`, `dead` or `failed`."""
        return f"{self.prefix}-{kind}"


def template(names: Names) -> dict[str, Any]:
    """A CloudFormation template without parameters or assets; its output `Bucket` is the bucket's name."""
    return {
        "Description": "CNC Copilot conformance sample: may be deleted at any time.",
        "Resources": _data(names) | _roles(names) | _functions(names) | _wiring(names),
        "Outputs": {"Bucket": {"Value": {"Ref": "Bucket"}}},
    }


def _data(names: Names) -> dict[str, Any]:
    dead = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2}
    return {
        "Table": table(names.table),
        "Bucket": resource("AWS::S3::Bucket"),
        "Secret": resource(
            "AWS::SecretsManager::Secret",
            Name=names.secret,
            GenerateSecretString={"PasswordLength": 64, "ExcludePunctuation": True},
        ),
        "Dead": resource("AWS::SQS::Queue", QueueName=names.queue("dead")),
        "Failed": resource("AWS::SQS::Queue", QueueName=names.queue("failed")),
        # Lambda refuses a source whose messages come back sooner than the function may take.
        "Work": resource(
            "AWS::SQS::Queue", QueueName=names.queue("work"), VisibilityTimeout=TIMEOUT_S, RedrivePolicy=dead
        ),
    }


def _roles(names: Names) -> dict[str, Any]:
    rows = arn("dynamodb", f"table/{names.table}")
    receiving = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    return {
        "Role": role(f"{names.prefix}-role", "lambda.amazonaws.com"),
        "RolePolicy": policy(
            "Role",
            allow(["dynamodb:UpdateItem", "dynamodb:PutItem"], rows),
            allow(receiving, {"Fn::GetAtt": ["Work", "Arn"]}),
            allow("sqs:SendMessage", {"Fn::GetAtt": ["Failed", "Arn"]}),
        ),
        "TenantRole": resource(
            "AWS::IAM::Role",
            RoleName=names.tenant_role,
            AssumeRolePolicyDocument={"Statement": [trusted_with_tag()], "Version": "2012-10-17"},
        ),
        "TenantPolicy": policy("TenantRole", *tenant_statements(rows, {"Ref": "Bucket"})),
    }


def _functions(names: Names) -> dict[str, Any]:
    return {
        "Tricks": _function(names.function, "tricks"),
        "Reserved": _function(names.reserved, "tricks", ReservedConcurrentExecutions=0),
        "Batch": _function(f"{names.prefix}-batch", "batch"),
        "FromRule": _function(f"{names.prefix}-from-rule", "from_rule"),
    }


def _function(name: str, handler: str, **extra: Any) -> dict[str, Any]:
    made = resource(
        "AWS::Lambda::Function",
        FunctionName=name,
        Handler=f"index.{handler}",
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Runtime="python3.13",
        MemorySize=512,
        Timeout=TIMEOUT_S,
        Code={"ZipFile": (FUNCTIONS / "index.py").read_text()},
        Environment={"Variables": {"STAGE": "test", "TABLE": {"Ref": "Table"}}},
        **extra,
    )
    made["DependsOn"] = "RolePolicy"
    made["Metadata"] = {"aws:asset:path": str(FUNCTIONS), "aws:asset:property": "Code"}
    return made


def _wiring(names: Names) -> dict[str, Any]:
    sql = "SELECT encode(*, 'base64') AS payload, topic(2) AS thing, timestamp() AS received_ms FROM 'conformance/+/+'"
    return {
        "TricksAsync": resource(
            "AWS::Lambda::EventInvokeConfig",
            FunctionName={"Ref": "Tricks"},
            Qualifier="$LATEST",
            MaximumRetryAttempts=0,
            MaximumEventAgeInSeconds=300,
            DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["Failed", "Arn"]}}},
        ),
        "Source": resource(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn={"Fn::GetAtt": ["Work", "Arn"]},
            FunctionName={"Ref": "Batch"},
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        ),
        "Rule": resource(
            "AWS::IoT::TopicRule",
            RuleName=names.rule,
            TopicRulePayload={
                "Sql": f"{sql} WHERE topic(3) = 'up'",
                "AwsIotSqlVersion": "2016-03-23",
                "RuleDisabled": False,
                "Actions": [{"Lambda": {"FunctionArn": {"Fn::GetAtt": ["FromRule", "Arn"]}}}],
            },
        ),
        "RulePermission": resource(
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName={"Fn::GetAtt": ["FromRule", "Arn"]},
            Principal="iot.amazonaws.com",
            SourceArn=arn("iot", f"rule/{names.rule}"),
        ),
    }
