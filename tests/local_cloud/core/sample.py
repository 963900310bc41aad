"""A small assembly of the shape that CDK writes: two stacks joined by SSM names."""

import json
from pathlib import Path
from typing import Any

from tests.local_cloud.core.parts import (
    allow,
    arn,
    locked_bucket,
    policy,
    put_once,
    resource,
    role,
    table,
    tenant_statements,
    trusted_with_tag,
)

FUNCTIONS = Path(__file__).with_name("sample_functions")
TENANT = "t_aaaaaaaaaaaaaaaa"
OTHER = "t_bbbbbbbbbbbbbbbb"


def write(folder: Path, *, stateful: dict[str, Any] | None = None, stateless: dict[str, Any] | None = None) -> Path:
    """The assembly in `folder`; resources given are added to, or replace, those of the stacks."""
    folder.mkdir(parents=True, exist_ok=True)
    stacks = {
        "Stateless": ("sample-functions", {"Parameters": _PARAMETERS, "Resources": _functions() | (stateless or {})}),
        "Stateful": ("sample-data", {"Resources": _data() | (stateful or {})}),
    }
    artifacts: dict[str, Any] = {}
    for id_, (name, template) in stacks.items():
        (folder / f"{id_}.template.json").write_text(json.dumps(template))
        artifacts[id_] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{id_}.template.json", "stackName": name},
            "dependencies": ["Stateful"] if id_ == "Stateless" else [],
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return folder


_PARAMETERS = {
    "BucketName": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/sample/bucket"},
    "QueueArn": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/sample/queue-arn"},
}


def _data() -> dict[str, Any]:
    return {
        "Table": table("sample-rows"),
        "Bucket": resource("AWS::S3::Bucket"),
        "Locked": locked_bucket(),
        "LockedPolicy": put_once("Locked"),
        "Dead": resource("AWS::SQS::Queue", QueueName="sample-dead"),
        "Queue": resource(
            "AWS::SQS::Queue",
            QueueName="sample-work",
            VisibilityTimeout=1,
            RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2},
        ),
        "Failed": resource("AWS::SQS::Queue", QueueName="sample-failed"),
        "Users": resource("AWS::Cognito::UserPool", UserPoolName="sample-users", UsernameAttributes=["email"]),
        "Client": resource(
            "AWS::Cognito::UserPoolClient",
            UserPoolId={"Ref": "Users"},
            ClientName="sample",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ),
        "Sender": resource("AWS::SES::EmailIdentity", EmailIdentity="shop@sample.localhost"),
        "Secret": resource(
            "AWS::SecretsManager::Secret",
            Name="sample/secret",
            GenerateSecretString={
                "SecretStringTemplate": '{"user": "ann"}',
                "GenerateStringKey": "password",
                "PasswordLength": 40,
                "ExcludeCharacters": "'\"\\",
                "ExcludeNumbers": True,
            },
        ),
        "Fixed": resource("AWS::SecretsManager::Secret", Name="sample/fixed", SecretString="as written"),
        "Empty": resource("AWS::SecretsManager::Secret", Name="sample/empty"),
        "SecretParameter": _parameter("secret-arn", {"Ref": "Secret"}),
        "BucketParameter": _parameter("bucket", {"Ref": "Bucket"}),
        "QueueParameter": _parameter("queue-arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        "IssuerParameter": _parameter("issuer", {"Fn::GetAtt": ["Users", "ProviderURL"]}),
    }


def _functions() -> dict[str, Any]:
    rows = arn("dynamodb", "table/sample-rows")
    return {
        "Role": role("sample-role", "lambda.amazonaws.com"),
        "RolePolicy": policy(
            "Role",
            allow(["dynamodb:UpdateItem", "dynamodb:PutItem"], rows),
            allow("sts:AssumeRole", {"Fn::GetAtt": ["TenantRole", "Arn"]}),
        ),
        "TenantRole": resource(
            "AWS::IAM::Role",
            RoleName="sample-tenant",
            AssumeRolePolicyDocument={"Statement": [trusted_with_tag()], "Version": "2012-10-17"},
        ),
        "TenantPolicy": policy(
            "TenantRole",
            *tenant_statements(rows, {"Ref": "BucketName"}),
            allow("ses:SendEmail", arn("ses", "identity/shop@sample.localhost")),
        ),
        "Tricks": _function("sample-tricks", "sample_tricks.lambda_handler", Timeout=2),
        "Reserved": _function("sample-reserved", "sample_tricks.lambda_handler", ReservedConcurrentExecutions=1),
        "Batch": _function("sample-batch", "sample_tricks.batch_handler"),
        "TricksAsync": resource(
            "AWS::Lambda::EventInvokeConfig",
            FunctionName={"Ref": "Tricks"},
            Qualifier="$LATEST",
            MaximumRetryAttempts=0,
            MaximumEventAgeInSeconds=300,
            DestinationConfig={"OnFailure": {"Destination": arn("sqs", "sample-failed")}},
        ),
        "RulePermission": resource(
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName={"Fn::GetAtt": ["Tricks", "Arn"]},
            Principal="iot.amazonaws.com",
            SourceArn=arn("iot", "rule/sample"),
        ),
        "Source": resource(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn={"Ref": "QueueArn"},
            FunctionName={"Ref": "Batch"},
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        ),
        "Nightly": resource(
            "AWS::Events::Rule",
            Name="sample-nightly",
            ScheduleExpression="cron(0 3 * * ? *)",
            State="ENABLED",
            Targets=[{"Arn": {"Fn::GetAtt": ["Tricks", "Arn"]}, "Id": "Target0"}],
        ),
    }


def _parameter(name: str, value: Any) -> dict[str, Any]:
    return resource("AWS::SSM::Parameter", Name=f"/sample/{name}", Type="String", Value=value)


def _function(name: str, handler: str, **extra: Any) -> dict[str, Any]:
    made = resource(
        "AWS::Lambda::Function",
        FunctionName=name,
        Handler=handler,
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Runtime="python3.13",
        Code={"S3Bucket": "b", "S3Key": "k"},
        Environment={"Variables": {"STAGE": "test", "TABLE": "sample-rows", "BUCKET": {"Ref": "BucketName"}}},
        Timeout=extra.pop("Timeout", 10),
        **extra,
    )
    made["Metadata"] = {"aws:asset:path": str(FUNCTIONS), "aws:asset:property": "Code"}
    return made
