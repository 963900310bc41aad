"""What a data folder must keep, as programs outside see it: values that may never change, and rows that only grow."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.product.running import Product

#: Partitions of the shop table that come and go with connections, and those that gateways add to at their own time:
#: snapshots and versions, and what they tell of their switches; and what counts the very requests that look here.
FLEETING = ("#W", "#X", "#B", "#P", "#Y", "#N", "#NU")
Rows = dict[str, Any]


@dataclass
class Picture:
    """`fixed` must be equal after a restart; every key of `growing` must be there with the same value."""

    fixed: Rows = field(default_factory=dict)
    growing: Rows = field(default_factory=dict)
    journals: dict[str, bytes] = field(default_factory=dict)


def leave_traces(product: Product) -> None:
    """One thing of each kind that the product itself may not have made yet."""
    product.aws("s3").put_object(
        Bucket=bucket(product), Key="kept/by/restart", Body=b"kept", Metadata={"colour": "red"}
    )
    product.aws("sqs").send_message(QueueUrl=queue(product), MessageBody="kept")
    product.aws("secretsmanager").create_secret(Name="kept", SecretString="hush")
    product.aws("ssm").put_parameter(Name="/kept", Value="7", Type="SecureString")


def picture(product: Product) -> Picture:
    """The journals first: the store grows from them."""
    found = Picture(journals=journals(product.data))
    endpoints = product.endpoints
    found.fixed = {
        "users": endpoints["users"],
        "keys": endpoints["api_keys"],
        "operator": endpoints["aws"],
        "gateway": {name: endpoints["mqtt"][name] for name in ("tenant", "site", "thing", "port")},
        "machines": [[one["id"] for one in product.machines(tenant=tenant)] for tenant in (0, 1)],
        "accounts": accounts(product),
        "messages": messages(product),
        "secret": secret(product),
        "parameters": parameters(product),
        "things": things(product),
        "files": {path.name: path.read_bytes() for path in credentials(product.data)},
    }
    for table in ("directory", "shop", "audit"):
        found.fixed[table] = {key: row for key, row in rows(product, table).items() if not fleeting(key)}
    found.growing = {key: row["b"]["B"] for key, row in rows(product, "telemetry").items() if "/C#" in key}
    found.growing |= objects(product)
    return found


def fleeting(key: str) -> bool:
    return key.split("/")[0].endswith(FLEETING) or key.startswith(("W#", "X#"))


def rows(product: Product, table: str) -> Rows:
    pages = product.aws("dynamodb").get_paginator("scan").paginate(TableName=f"cnc-local-{table}", ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return {"/".join(item[name]["S"] for name in ("p", "s") if name in item): item for item in items}


def objects(product: Product) -> Rows:
    found: Rows = {}
    s3 = product.aws("s3")
    for name in (one["Name"] for one in s3.list_buckets()["Buckets"]):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            found |= {f"{name}/{one['Key']}": one["ETag"] for one in page.get("Contents", [])}
    found["metadata"] = s3.head_object(Bucket=bucket(product), Key="kept/by/restart")["Metadata"]
    return found


def accounts(product: Product) -> Any:
    """Pools, their clients, and every user with its sub."""
    cognito = product.aws("cognito-idp")
    pools = [one["Id"] for one in cognito.list_user_pools(MaxResults=10)["UserPools"]]
    clients = {pool: cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"] for pool in pools}
    users = {pool: [told(one) for one in cognito.list_users(UserPoolId=pool)["Users"]] for pool in pools}
    return {"clients": clients, "users": users}


def told(user: Rows) -> Any:
    return user["Username"], user["UserStatus"], user["Attributes"]


def messages(product: Product) -> Any:
    """What waits in the queue of failed rules, and stays there."""
    asked: Any = {"QueueUrl": queue(product), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
    found = product.aws("sqs").receive_message(**asked).get("Messages", [])
    return sorted((one["MessageId"], one["Body"]) for one in found)


def secret(product: Product) -> Any:
    found = product.aws("secretsmanager").get_secret_value(SecretId="kept")
    return found["ARN"], found["VersionId"], found["SecretString"]


def parameters(product: Product) -> Any:
    ssm = product.aws("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/", Recursive=True, WithDecryption=True)
    return {one["Name"]: one["Value"] for page in pages for one in page["Parameters"]}


def things(product: Product) -> Any:
    """Things with their certificates."""
    iot = product.aws("iot")
    names = sorted(one["thingName"] for one in iot.list_things()["things"])
    return {name: iot.list_thing_principals(thingName=name)["principals"] for name in names}


def credentials(data: Path) -> list[Path]:
    return sorted([*data.glob("pki/*"), *data.glob("edge/*/*.pem.*"), data / "demo.json"])


def journals(data: Path) -> dict[str, bytes]:
    return {str(path.relative_to(data)): path.read_bytes() for path in sorted(data.glob("edge/*/journal/*/*.seg"))}


def bucket(product: Product) -> str:
    value: str = product.aws("ssm").get_parameter(Name="/cnc/local/bucket")["Parameter"]["Value"]
    return value


def queue(product: Product) -> str:
    url: str = product.aws("sqs").get_queue_url(QueueName="cnc-local-rule-errors")["QueueUrl"]
    return url
