"""What must be there after a restart, with its ids; and what comes back after a kill."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.core.running import Running, until

USER, PASSWORD = "ann@example.com", "Correct-Horse-7"


def fill(running: Running) -> None:
    cognito, pool = running.client("cognito-idp"), running.cloud.outputs.user_pool_id
    attributes = [{"Name": "email", "Value": USER}]
    cognito.admin_create_user(UserPoolId=pool, Username=USER, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=PASSWORD, Permanent=True)
    s3 = running.client("s3")
    for key, body in (("kept", b"kept"), ("gone", b"gone"), ("changed", b"one"), ("changed", b"two")):
        s3.put_object(Bucket=running.bucket, Key=key, Body=body, Metadata={"colour": "red"})
    s3.delete_object(Bucket=running.bucket, Key="gone")
    sqs, queue = running.client("sqs"), running.queue("sample-failed")
    for body in ("first", "second"):
        sqs.send_message(
            QueueUrl=queue, MessageBody=body, MessageAttributes={"a": {"DataType": "String", "StringValue": "1"}}
        )
    first = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    running.client("secretsmanager").create_secret(Name="token", SecretString="hush")
    running.client("ssm").put_parameter(Name="/own/setting", Value="7", Type="String")
    running.client("dynamodb").put_item(TableName="sample-rows", Item={"p": {"S": "kept"}, "s": {"S": "a"}})


def picture(running: Running) -> dict[str, Any]:
    outputs = running.cloud.outputs
    users = running.client("cognito-idp").list_users(UserPoolId=outputs.user_pool_id)["Users"]
    objects = running.client("s3").list_objects_v2(Bucket=running.bucket)["Contents"]
    messages = running.client("sqs").receive_message(
        QueueUrl=running.queue("sample-failed"),
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageAttributeNames=["All"],
    )["Messages"]
    secret = running.client("secretsmanager").get_secret_value(SecretId="token")
    declared = running.client("secretsmanager").get_secret_value(SecretId="sample/secret")
    return {
        "pool": outputs.user_pool_id,
        "client": outputs.user_pool_client_id,
        "bucket": running.bucket,
        "users": [(one["Username"], one["UserStatus"], one["Attributes"]) for one in users],
        "objects": [(one["Key"], one["ETag"], one["LastModified"]) for one in objects],
        "metadata": running.client("s3").head_object(Bucket=running.bucket, Key="kept")["Metadata"],
        "messages": [(one["MessageId"], one["Body"], one["MessageAttributes"]) for one in messages],
        "secret": (secret["ARN"], secret["VersionId"], secret["SecretString"]),
        "declared": (declared["ARN"], declared["VersionId"], declared["SecretString"]),
        "parameter": running.client("ssm").get_parameter(Name="/own/setting")["Parameter"]["Value"],
        "row": running.client("dynamodb").get_item(TableName="sample-rows", Key={"p": {"S": "kept"}, "s": {"S": "a"}})[
            "Item"
        ],
        "admin": outputs.admin.access_key_id,
        "ca": Path(outputs.mqtt_ca).read_bytes(),
    }


def sign_in(running: Running) -> str:
    answer = running.client("cognito-idp").initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=running.cloud.outputs.user_pool_client_id,
        AuthParameters={"USERNAME": USER, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["RefreshToken"])


def test_everything_survives_a_restart_and_kills_of_each_process(tmp_path: Path) -> None:
    running = Running(tmp_path)
    try:
        fill(running)
        sign_in(running)
        before = picture(running)
    finally:
        running.stop()
    running = Running(tmp_path)
    try:
        assert picture(running) == before
        sign_in(running)
        for name in ("aws", "dynamodb", "lambda:zygote:0"):
            pid = running.cloud.pids()[name]
            os.kill(pid, signal.SIGKILL)
            until(lambda name=name, pid=pid: running.cloud.pids().get(name) not in (None, pid), what=f"{name} again")
            until(lambda: answers(running), within_s=30, what=f"answers after {name} was killed")
        assert picture(running) == before
    finally:
        running.stop()


def answers(running: Running) -> bool:
    try:
        running.client("dynamodb").describe_table(TableName="sample-rows")
        return running.client("lambda").invoke(FunctionName="sample-tricks", Payload=b"{}").get("FunctionError") is None
    except (ClientError, OSError):
        return False
    except Exception as error:
        if type(error).__name__ in ("EndpointConnectionError", "ConnectionClosedError", "ReadTimeoutError"):
            return False
        raise


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    import socket

    from local_cloud.settings import PortTaken

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            Running(tmp_path, port=port)
