"""A wrong environment stops the cold start with the name of the variable."""

from dataclasses import dataclass

import pytest

from cnc.cloud.settings import BadSetting, IotData, Process, Telemetry, load


@dataclass(frozen=True, kw_only=True)
class Whole(Process, Telemetry, IotData):
    limit_s: int = 5


GOOD = {"STAGE": "test", "AWS_REGION": "eu-central-1", "TELEMETRY_TABLE": "t", "TENANT_ROLE_ARN": "r"}


def test_every_part_is_read_from_the_variable_of_its_name() -> None:
    settings = load(Whole, environ=GOOD | {"LIMIT_S": "7", "IOT_DATA_ENDPOINT": "https://iot"})
    assert (settings.stage, settings.telemetry_table, settings.limit_s) == ("test", "t", 7)
    assert settings.iot_data_endpoint == "https://iot"


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("seen", [None, ""])
def test_what_is_missing_or_empty_is_named(name: str, seen: str | None) -> None:
    environ = {key: value for key, value in GOOD.items() if key != name} | ({} if seen is None else {name: seen})
    with pytest.raises(BadSetting, match=name):
        load(Whole, environ=environ)


def test_what_is_no_number_is_named_with_what_was_seen() -> None:
    with pytest.raises(BadSetting, match="LIMIT_S: saw 'ten'"):
        load(Whole, environ=GOOD | {"LIMIT_S": "ten"})


def test_what_may_be_left_out_has_its_default() -> None:
    assert load(Whole, environ=GOOD).limit_s == 5
