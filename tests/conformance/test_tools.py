"""What stands around the suite: the list of differences, the result pages, and what `make test-aws` refuses."""

import ast
import json
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.conformance.conftest import DIFFERENCES, FOLDER
from tests.conformance.template import Names, template
from tools import conformance, test_aws
from tools.conformance import DIFFERENT, FAILED, PASSED, SKIPPED, Case

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_TEMPLATE_BYTES = 51_200
ACCOUNT = "111122223333"
REPORT = """<testsuites><testsuite>
<testcase classname="tests.conformance.test_a" name="test_good"/>
<testcase classname="tests.conformance.test_a" name="test_other">
  <skipped type="pytest.xfail" message="it answers 500"/></testcase>
<testcase classname="tests.conformance.test_a" name="test_bad"><failure message="assert 1 == 2&#10;more"/></testcase>
<testcase classname="tests.conformance.test_a" name="test_not"><skipped type="pytest.skip" message="no"/></testcase>
<testcase classname="tests.conformance.test_tools" name="test_this"/>
</testsuite></testsuites>"""


class Identity:
    """An STS client that speaks to `url`."""

    def __init__(self, url: str = "https://sts.eu-west-1.amazonaws.com") -> None:
        self.meta = SimpleNamespace(endpoint_url=url)

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Account": ACCOUNT}


def test_every_known_difference_is_one_of_a_case_that_exists() -> None:
    written = tomllib.loads(DIFFERENCES.read_text())
    rows = [row["case"].partition("[")[0] for listed in written.values() for row in listed]
    defined = {
        f"{path.name}::{node.name}"
        for path in FOLDER.glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert [row for row in rows if row not in defined] == []
    assert written.keys() <= {"ministack", "aws"}, "the local cloud has no excuse"


def test_the_template_is_small_enough_to_be_sent_as_it_is() -> None:
    assert len(json.dumps(template(Names("cnc-staging-conf-abcdef")))) < MOST_TEMPLATE_BYTES


def test_a_report_tells_passed_known_failed_and_skipped_apart() -> None:
    assert conformance.read(REPORT) == [
        Case("test_a::test_good", PASSED),
        Case("test_a::test_other", DIFFERENT, "it answers 500"),
        Case("test_a::test_bad", FAILED, "assert 1 == 2"),
        Case("test_a::test_not", SKIPPED, "no"),
    ]


@pytest.mark.parametrize(
    ("outcomes", "code"), [([PASSED, DIFFERENT], 0), ([PASSED, FAILED], 1), ([PASSED, SKIPPED], 1), ([], 1)]
)
def test_a_run_is_good_when_every_case_passed_or_is_known(outcomes: list[str], code: int) -> None:
    assert conformance.show([Case(f"case {number}", outcome) for number, outcome in enumerate(outcomes)]) == code


def test_a_result_page_names_the_day_the_place_and_every_case(tmp_path: Path) -> None:
    cases = [Case("test_a::test_good", PASSED), Case("test_a::test_other", DIFFERENT, f"a|b {ACCOUNT}")]
    path = conformance.record("ministack", cases, where="ministack 1", day=date(2026, 11, 24), folder=tmp_path)
    assert path.name == "ministack-2026-11-24.md"
    assert path.read_text().splitlines() == [
        "# Conformance: ministack, 2026-11-24",
        "",
        "Asked of ministack 1. 2 cases: 1 as AWS documents it, 1 known difference.",
        "",
        "| case | answer | instead |",
        "|---|---|---|",
        "| test_a::test_good | as AWS documents it |  |",
        "| test_a::test_other | known difference | a/b <account> |",
    ]


@pytest.mark.parametrize("said", ["", "yes", ACCOUNT[:-1]])
def test_a_real_account_must_be_confirmed_by_its_id(said: str) -> None:
    found = test_aws.asked(["staging", f"--confirm={said}"])
    with pytest.raises(test_aws.Refused, match=f"in account {ACCOUNT}, eu-west-1: repeat that id as CONFIRM"):
        test_aws.place(found, identity=Identity(), region="eu-west-1", environment={})


@pytest.mark.parametrize(
    ("spoken_to", "elsewhere"),
    [
        ("https://sts.eu-west-1.amazonaws.com", None),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("https://sts.amazonaws.com.example.org", "https://sts.amazonaws.com.example.org"),
    ],
)
def test_a_confirmed_account_is_aws_unless_its_endpoint_says_otherwise(spoken_to: str, elsewhere: str | None) -> None:
    found = test_aws.asked(["staging", "--confirm", ACCOUNT])
    made = test_aws.place(found, identity=Identity(spoken_to), region="eu-west-1", environment={})
    assert made == conformance.Place("eu-west-1", ACCOUNT, elsewhere)


def test_an_endpoint_for_one_service_alone_is_refused() -> None:
    found = test_aws.asked(["staging", "--confirm", ACCOUNT])
    environment = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}
    with pytest.raises(test_aws.Refused, match="AWS_ENDPOINT_URL_S3 is set"):
        test_aws.place(found, identity=Identity(), region="eu-west-1", environment=environment)


@pytest.mark.parametrize("stage", ["", "Prod", "a-b", "x" * 13])
def test_a_stage_that_no_name_can_be_made_of_is_refused(stage: str) -> None:
    with pytest.raises(test_aws.Refused, match="expected 2-12 of a-z and 0-9"):
        test_aws.asked([stage, "--confirm", ACCOUNT])


def test_without_a_region_nothing_is_asked() -> None:
    with pytest.raises(test_aws.Refused, match="no region"):
        test_aws.place(test_aws.asked(["staging"]), identity=None, region=None, environment={})


class CloudFormation:
    """Makes and removes one stack, and an S3 with one object in its bucket; `fails` is the event that never comes."""

    def __init__(self, *, fails: str = "") -> None:
        self.fails, self.did = fails, list[str]()
        self.exceptions = SimpleNamespace(NoSuchBucket=KeyError)

    def create_stack(self, **asked: Any) -> None:
        assert asked["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
        self.did.append(f"create {asked['StackName']}")

    def get_waiter(self, event: str) -> Any:
        def wait(**_: Any) -> None:
            self.did.append(event)
            if event == self.fails:
                raise WaiterError(event, "it failed", {})

        return SimpleNamespace(wait=wait)

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"Outputs": [{"OutputKey": "Bucket", "OutputValue": "the-bucket"}]}]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        event = {"LogicalResourceId": "Rule", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "not allowed"}
        return {"StackEvents": [event]}

    def describe_stack_resources(self, **_: Any) -> dict[str, Any]:
        return {"StackResources": [{"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "the-bucket"}]}

    def delete_stack(self, **asked: Any) -> None:
        self.did.append(f"delete {asked['StackName']}")

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{"Contents": [{"Key": "left"}]}])

    def delete_objects(self, **asked: Any) -> None:
        self.did.append(f"empty {asked['Bucket']} {asked['Delete']['Objects']}")


MADE = ["create conf", "stack_create_complete"]
REMOVED = ["empty the-bucket [{'Key': 'left'}]", "delete conf", "stack_delete_complete"]


def use(cloud: CloudFormation, error: Exception | None = None) -> None:
    place = conformance.Place("eu-west-1", ACCOUNT)
    with conformance.deployed("conf", clients=lambda _service: cloud, place=place) as facts:
        said = json.loads(facts.read_bytes())
        assert said == {
            "prefix": "conf", "bucket": "the-bucket", "region": "eu-west-1", "account": ACCOUNT, "endpoint_url": None,
        }  # fmt: skip
        if error:
            raise error
    assert not facts.exists()


def test_a_stack_is_removed_with_what_the_cases_left_in_it() -> None:
    cloud = CloudFormation()
    use(cloud)
    assert cloud.did == MADE + REMOVED


def test_a_stack_is_removed_when_the_suite_breaks() -> None:
    cloud = CloudFormation()
    with pytest.raises(RuntimeError, match="pytest ended"):
        use(cloud, RuntimeError("pytest ended"))
    assert cloud.did == MADE + REMOVED


def test_a_stack_that_could_not_be_made_is_removed_and_says_why() -> None:
    cloud = CloudFormation(fails="stack_create_complete")
    with pytest.raises(conformance.NotDeployed, match=r"conf: .*; Rule: not allowed"):
        use(cloud)
    assert cloud.did == MADE + REMOVED


def test_a_stack_that_could_not_be_removed_is_named() -> None:
    with pytest.raises(conformance.NotDeployed, match="the stack conf may still be there: delete it by hand"):
        use(CloudFormation(fails="stack_delete_complete"))
