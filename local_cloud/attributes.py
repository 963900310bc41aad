"""What `Ref` and `Fn::GetAtt` answer, per resource type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The property that holds a resource's own name; `Ref` answers it.
NAME_PROPERTY = {
    "AWS::ApiGatewayV2::Stage": "StageName",
    "AWS::CloudFront::Function": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::IoT::Policy": "PolicyName",
    "AWS::IoT::ProvisioningTemplate": "TemplateName",
    "AWS::IoT::ThingGroup": "ThingGroupName",
    "AWS::IoT::TopicRule": "RuleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SES::EmailIdentity": "EmailIdentity",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::WAFv2::WebACL": "Name",
}

# {p} partition, {r} region, {a} account, {n} name
_ARNS = {
    "AWS::ApiGatewayV2::Api": "arn:{p}:apigateway:{r}::/apis/{n}",
    "AWS::CloudFront::Distribution": "arn:{p}:cloudfront::{a}:distribution/{n}",
    "AWS::CloudFront::Function": "arn:{p}:cloudfront::{a}:function/{n}",
    "AWS::CloudWatch::Alarm": "arn:{p}:cloudwatch:{r}:{a}:alarm:{n}",
    "AWS::Cognito::UserPool": "arn:{p}:cognito-idp:{r}:{a}:userpool/{n}",
    "AWS::DynamoDB::GlobalTable": "arn:{p}:dynamodb:{r}:{a}:table/{n}",
    "AWS::DynamoDB::Table": "arn:{p}:dynamodb:{r}:{a}:table/{n}",
    "AWS::Events::EventBus": "arn:{p}:events:{r}:{a}:event-bus/{n}",
    "AWS::Events::Rule": "arn:{p}:events:{r}:{a}:rule/{n}",
    "AWS::IAM::Role": "arn:{p}:iam::{a}:role/{n}",
    "AWS::IoT::Policy": "arn:{p}:iot:{r}:{a}:policy/{n}",
    "AWS::IoT::ThingGroup": "arn:{p}:iot:{r}:{a}:thinggroup/{n}",
    "AWS::IoT::TopicRule": "arn:{p}:iot:{r}:{a}:rule/{n}",
    "AWS::KMS::Key": "arn:{p}:kms:{r}:{a}:key/{n}",
    "AWS::Lambda::Function": "arn:{p}:lambda:{r}:{a}:function:{n}",
    "AWS::Logs::LogGroup": "arn:{p}:logs:{r}:{a}:log-group:{n}:*",
    "AWS::S3::Bucket": "arn:{p}:s3:::{n}",
    "AWS::SES::EmailIdentity": "arn:{p}:ses:{r}:{a}:identity/{n}",
    "AWS::SNS::Topic": "arn:{p}:sns:{r}:{a}:{n}",
    "AWS::SQS::Queue": "arn:{p}:sqs:{r}:{a}:{n}",
    "AWS::SSM::Parameter": "arn:{p}:ssm:{r}:{a}:parameter{n}",
    "AWS::Scheduler::Schedule": "arn:{p}:scheduler:{r}:{a}:schedule/default/{n}",
    "AWS::SecretsManager::Secret": "arn:{p}:secretsmanager:{r}:{a}:secret:{n}-local0",
    "AWS::WAFv2::WebACL": "arn:{p}:wafv2:{r}:{a}:global/webacl/{n}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cloud stands: the pseudo parameters, the people's origin and the door."""

    region: str
    account: str
    partition: str
    origin: str
    aws_url: str

    @property
    def host(self) -> str:
        """Host and port of the origin."""
        return self.origin.partition("://")[2]


def arn(type_: str, name: str, *, place: Place) -> str:
    """The ARN of a resource, or "" for a type that has none."""
    return _ARNS.get(type_, "").format(p=place.partition, r=place.region, a=place.account, n=name)


def ref(type_: str, name: str, *, place: Place) -> str:
    """What `Ref` answers: the name, except for the few types that answer an ARN or a URL."""
    if type_ in ("AWS::SNS::Topic", "AWS::SecretsManager::Secret"):
        return arn(type_, name, place=place)
    if type_ == "AWS::SQS::Queue":
        return queue_url(name, place=place)
    return name


def queue_url(name: str, *, place: Place) -> str:
    return f"{place.aws_url}/{place.account}/{name}"


def _issuer(name: str, place: Place) -> str:
    return f"{place.origin}/oidc/{name}"


_ATTRIBUTES: dict[tuple[str, str], Callable[[str, Place], str]] = {
    ("AWS::ApiGatewayV2::Api", "ApiEndpoint"): lambda n, p: f"https://{n}.execute-api.{p.region}.amazonaws.com",
    ("AWS::ApiGatewayV2::Api", "ApiId"): lambda n, _: n,
    ("AWS::CloudFront::Distribution", "DomainName"): lambda _, p: p.host,
    ("AWS::CloudFront::Distribution", "Id"): lambda n, _: n,
    ("AWS::CloudFront::Function", "FunctionARN"): lambda n, p: arn("AWS::CloudFront::Function", n, place=p),
    ("AWS::CloudFront::OriginAccessControl", "Id"): lambda n, _: n,
    ("AWS::Cognito::UserPool", "ProviderURL"): _issuer,
    ("AWS::Cognito::UserPool", "ProviderName"): lambda n, p: _issuer(n, p).partition("://")[2],
    ("AWS::Cognito::UserPool", "UserPoolId"): lambda n, _: n,
    ("AWS::Cognito::UserPoolClient", "ClientId"): lambda n, _: n,
    ("AWS::S3::Bucket", "DomainName"): lambda n, _: f"{n}.s3.amazonaws.com",
    ("AWS::S3::Bucket", "RegionalDomainName"): lambda n, p: f"{n}.s3.{p.region}.amazonaws.com",
    ("AWS::SNS::Topic", "TopicName"): lambda n, _: n,
    ("AWS::SQS::Queue", "QueueName"): lambda n, _: n,
    ("AWS::SQS::Queue", "QueueUrl"): lambda n, p: queue_url(n, place=p),
    ("AWS::SNS::Topic", "TopicArn"): lambda n, p: arn("AWS::SNS::Topic", n, place=p),
    ("AWS::SecretsManager::Secret", "Id"): lambda n, p: arn("AWS::SecretsManager::Secret", n, place=p),
}


def get_att(type_: str, name: str, attribute: str, *, place: Place) -> Any:
    """What `Fn::GetAtt` answers. Raises KeyError for an attribute that is not known here."""
    if attribute == "Arn" and type_ in _ARNS:
        return arn(type_, name, place=place)
    return _ATTRIBUTES[type_, attribute](name, place)
