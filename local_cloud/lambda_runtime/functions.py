"""What the template says about each function."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from local_cloud.cloud import Cloud, Resource

# Defaults of AWS: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
MAX_EVENT_AGE_S, MAX_RETRIES = 21_600, 2


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """`reserved` is None when the template reserves no concurrency; `on_failure` is an ARN or "".

    `shown` names its workers in the process map: the folder of the handler, or the name where folders are shared.
    """

    name: str
    arn: str
    handler: str
    role: str
    timeout_s: float
    memory_mb: int
    environment: Mapping[str, str]
    asset_path: str
    reserved: int | None
    max_event_age_s: float = MAX_EVENT_AGE_S
    max_retries: int = MAX_RETRIES
    on_failure: str = ""
    shown: str = ""


def of(cloud: Cloud) -> dict[str, FunctionSpec]:
    """Every function of the template by name."""
    configs = {
        one.properties["FunctionName"].rpartition(":")[2]: one for one in cloud.of("AWS::Lambda::EventInvokeConfig")
    }
    functions = cloud.of("AWS::Lambda::Function")
    folders = Counter(_folder(one) for one in functions)
    return {
        one.physical_id: _spec(
            one,
            configs.get(one.physical_id),
            shown=_folder(one) if folders[_folder(one)] == 1 else one.physical_id,
        )
        for one in functions
    }


def _folder(function: Resource) -> str:
    """`edge_health` of the handler `functions.edge_health.handler.lambda_handler`; "" of one without folders."""
    return "".join(str(function.properties["Handler"]).split(".")[-3:-2])


def _spec(function: Resource, config: Resource | None, *, shown: str) -> FunctionSpec:
    said = function.properties
    asynchronous = config.properties if config else {}
    return FunctionSpec(
        name=function.physical_id,
        arn=function.arn,
        handler=said["Handler"],
        role=said["Role"],
        timeout_s=float(said.get("Timeout", 3)),
        memory_mb=int(said.get("MemorySize", 128)),
        environment={key: str(value) for key, value in said.get("Environment", {}).get("Variables", {}).items()},
        asset_path=function.asset_path,
        reserved=None
        if said.get("ReservedConcurrentExecutions") is None
        else int(said["ReservedConcurrentExecutions"]),
        max_event_age_s=float(asynchronous.get("MaximumEventAgeInSeconds", MAX_EVENT_AGE_S)),
        max_retries=int(asynchronous.get("MaximumRetryAttempts", MAX_RETRIES)),
        on_failure=asynchronous.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", ""),
        shown=shown or function.physical_id,
    )


def environment(
    spec: FunctionSpec, cloud: Cloud, *, runtime_api: str, credentials: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of a worker, as Lambda would set it, with the door as endpoint of every service."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - what Lambda sets
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": spec.handler,
        "LAMBDA_TASK_ROOT": spec.asset_path,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
        "AWS_ENDPOINT_URL": cloud.aws_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        **({"LOOPBACK_FETCH": "1"} if cloud.loopback_providers else {}),
        **credentials,
        **spec.environment,
    }
