"""Assembly in, resolved resources out."""

from pathlib import Path
from typing import Any

import pytest

from local_cloud import attributes, model, support
from local_cloud.assembly import BadAssembly
from local_cloud.attributes import Place
from local_cloud.cloud import Resource
from local_cloud.intrinsics import Unresolvable
from local_cloud.support import Refused
from tests.local_cloud.core import sample

PLACE = Place("us-east-1", "123456789012", "aws", "http://127.0.0.1:8480", "http://127.0.0.1:9000")


def resolve(folder: Path, **resources: dict[str, Any]) -> dict[str, Resource]:
    sample.write(folder, **resources)
    return {one.logical_id: one for one in model.resolve(folder, place=PLACE)}


def parameter(value: Any, **extra: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/x", "Type": "String", "Value": value}} | extra


def value(folder: Path, expression: Any, **stack: Any) -> Any:
    return resolve(folder, stateless={"X": parameter(expression)}, **stack)["X"].properties["Value"]


def test_no_intrinsic_is_left(tmp_path: Path) -> None:
    found = resolve(tmp_path)
    text = str([one.properties for one in found.values()])
    assert "'Ref'" not in text
    assert "Fn::" not in text


def test_stacks_are_joined_by_ssm_names_in_either_direction(tmp_path: Path) -> None:
    found = resolve(tmp_path)
    bucket = found["Bucket"].physical_id
    assert found["Tricks"].properties["Environment"]["Variables"]["BUCKET"] == bucket
    assert found["Source"].properties["EventSourceArn"] == "arn:aws:sqs:us-east-1:123456789012:sample-work"


def test_ids_are_the_same_at_every_start_and_differ_between_resources(tmp_path: Path) -> None:
    first, second = resolve(tmp_path / "a"), resolve(tmp_path / "b")
    ids = {one.logical_id: one.physical_id for one in first.values()}
    assert ids == {one.logical_id: one.physical_id for one in second.values()}
    assert len(set(ids.values())) == len(ids)
    assert ids["Users"].startswith("us-east-1_")
    assert len(ids["Client"]) == 26


def test_the_pool_answers_the_local_issuer(tmp_path: Path) -> None:
    found = resolve(tmp_path)
    assert found["IssuerParameter"].properties["Value"] == f"http://127.0.0.1:8480/oidc/{found['Users'].physical_id}"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}, "a-us-east-1"),
        ({"Fn::Sub": "${AWS::AccountId}/${!literal}"}, "123456789012/${literal}"),
        ({"Fn::Sub": ["${One}${Two}", {"One": 1, "Two": {"Ref": "AWS::Partition"}}]}, "1aws"),
        ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
        ({"Fn::Base64": "hi"}, "aGk="),
        ("{{resolve:ssm:/sample/queue-arn}}", "arn:aws:sqs:us-east-1:123456789012:sample-work"),
    ],
)
def test_functions_answer_as_cloudformation_would(tmp_path: Path, expression: Any, expected: str) -> None:
    assert value(tmp_path, expression) == expected


def test_a_url_of_an_aws_name_becomes_the_local_one(tmp_path: Path) -> None:
    socket = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "s", "ProtocolType": "WEBSOCKET"}}
    url = {
        "Fn::Join": [
            "",
            ["https://", {"Ref": "Socket"}, ".execute-api.", {"Ref": "AWS::Region"}, ".amazonaws.com/live"],
        ]
    }
    found = resolve(tmp_path, stateless={"Socket": socket, "X": parameter(url)})
    assert found["X"].properties["Value"] == "http://127.0.0.1:9000/live"


def test_an_unlisted_type_is_refused_with_type_and_id(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"AWS::EC2::VPC \(Net in sample-functions\)"):
        resolve(tmp_path, stateless={"Net": {"Type": "AWS::EC2::VPC", "Properties": {}}})


def test_every_property_that_runs_is_read_by_code() -> None:
    """Names and ARNs make nothing, so what holds them does not count; moto takes what a pool says as it is."""
    folder = Path(support.__file__).parent
    naming = {"attributes.py", "identifiers.py", "intrinsics.py", "supervisor.py"}
    code = "".join(path.read_text() for path in folder.rglob("*.py") if path.name not in naming)
    unread = [
        f"{type_}.{name}"
        for type_, lists in support.load().items()
        if not type_.startswith("AWS::Cognito::")
        for name in lists.runs - {attributes.NAME_PROPERTY.get(type_, "")}
        if f'"{type_}"' not in code or f'"{name}"' not in code
    ]
    assert unread == ["AWS::Lambda::Function.Code"], "whose source is the folder of the asset"


def test_an_unlisted_property_is_refused_with_type_property_and_id(tmp_path: Path) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}
    with pytest.raises(Refused, match=r"AWS::SQS::Queue: property Colour \(Odd in sample-data\)"):
        resolve(tmp_path, stateful={"Odd": queue})


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ({"Ref": "Nobody"}, "no resource or parameter 'Nobody'"),
        ({"Fn::GetAtt": ["Role", "Colour"]}, "attribute 'Colour' of Role"),
        ({"Fn::Cidr": ["10.0.0.0/8", 1]}, "Fn::Cidr is not known here"),
        ({"Fn::ImportValue": "nobody"}, "no stack exports 'nobody'"),
        ("{{resolve:ssm:/nobody}}", "no stack declares the SSM parameter '/nobody'"),
        ("{{resolve:ssm:/x}}", "in a circle"),
    ],
)
def test_what_cannot_be_resolved_is_named(tmp_path: Path, expression: Any, words: str) -> None:
    with pytest.raises(Unresolvable, match=words):
        value(tmp_path, expression)


def test_a_folder_without_manifest_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadAssembly, match="synthesise first"):
        model.resolve(tmp_path, place=PLACE)
