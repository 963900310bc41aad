"""The SDK's descriptions are found by their folder: every service as botocore finds it, and an unknown one by name."""

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError

from cnc.cloud.tenancy.models import find_by_folder

SERVICES = ("dynamodb", "sts", "s3", "lambda", "iot-data", "apigatewaymanagementapi")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_described_as_botocore_describes_it(service: str) -> None:
    loader = find_by_folder(botocore.session.get_session())
    usual = botocore.session.get_session().get_component("data_loader")
    for kind in ("service-2", "endpoint-rule-set-1"):
        assert loader.load_service_model(service, kind) == usual.load_service_model(service, kind)


def test_a_service_that_is_not_there_is_named() -> None:
    loader = find_by_folder(botocore.session.get_session())
    with pytest.raises(UnknownServiceError, match="dynamo_db"):
        loader.load_service_model("dynamo_db", "service-2")
