"""Pieces of CloudFormation that the sample templates are put together from."""

from typing import Any


def tenant_statements(rows: Any, bucket: Any) -> list[dict[str, Any]]:
    """Leading keys, index, and the bucket's prefix of one tenant."""
    index = {"Fn::Join": ["", [rows, "/index/by_g"]]}
    objects = {"Fn::Sub": ["arn:aws:s3:::${Name}/tenant=${!aws:PrincipalTag/tenant}/*", {"Name": bucket}]}
    keys = allow(
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem", "dynamodb:UpdateItem"],
        [rows, index],
    )
    keys["Condition"] = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#${aws:PrincipalTag/tenant}#*"]},
        "Null": {"dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false"},
    }
    listing = allow("s3:ListBucket", {"Fn::Sub": ["arn:aws:s3:::${Name}", {"Name": bucket}]})
    listing["Condition"] = {"StringLike": {"s3:prefix": "tenant=${aws:PrincipalTag/tenant}/*"}}
    return [keys, allow(["s3:GetObject", "s3:PutObject"], objects), listing]


def trusted_with_tag() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
        "Condition": {"StringLike": {"aws:RequestTag/tenant": "t_????????????????"}},
    }


def table(name: str) -> dict[str, Any]:
    """Rows by p and s, an index `by_g`, an end by x."""
    keys = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
    index = {
        "IndexName": "by_g",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    return resource(
        "AWS::DynamoDB::GlobalTable",
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": letter, "AttributeType": "S"} for letter in "psg"],
        GlobalSecondaryIndexes=[index],
        BillingMode="PAY_PER_REQUEST",
        TimeToLiveSpecification={"AttributeName": "x", "Enabled": True},
        Replicas=[{"Region": {"Ref": "AWS::Region"}}],
    )


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def arn(service: str, rest: str) -> dict[str, Any]:
    parts = ["arn:", {"Ref": "AWS::Partition"}, f":{service}:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    return {"Fn::Join": ["", [*parts, f":{rest}"]]}


def allow(actions: Any, resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def role(name: str, service: str) -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]}
    return resource("AWS::IAM::Role", RoleName=name, AssumeRolePolicyDocument=trust)


def policy(role: str, *statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return resource("AWS::IAM::Policy", PolicyName=f"{role}Policy", PolicyDocument=document, Roles=[{"Ref": role}])


def locked_bucket() -> dict[str, Any]:
    """Objects that nobody changes or removes for a day."""
    retention = {"Mode": "COMPLIANCE", "Days": 1}
    return resource(
        "AWS::S3::Bucket",
        BucketName="sample-locked",
        VersioningConfiguration={"Status": "Enabled"},
        ObjectLockEnabled=True,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )


def put_once(bucket: str) -> dict[str, Any]:
    """Nobody puts an object where one is, or removes one."""
    objects = {"Fn::Sub": ["${Arn}/*", {"Arn": {"Fn::GetAtt": [bucket, "Arn"]}}]}
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": objects}
    once = {**deny, "Action": "s3:PutObject", "Condition": {"Null": {"s3:if-none-match": "true"}}}
    removal = {**deny, "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"]}
    document = {"Version": "2012-10-17", "Statement": [once, removal]}
    return resource("AWS::S3::BucketPolicy", Bucket={"Ref": bucket}, PolicyDocument=document)
