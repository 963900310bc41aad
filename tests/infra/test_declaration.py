"""What the one declaration promises, read from the synthesised templates."""

from pathlib import Path
from typing import Any

Templates = dict[str, dict[str, Any]]
ROOT = Path(__file__).resolve().parents[2]
STACKS = {"CncData", "CncIdentity", "CncIngest", "CncApi", "CncPortal", "CncMl", "CncEdge", "CncOperations"}
TEMPLATE_RESOURCES = 500


def resources(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [found["Properties"] for found in template["Resources"].values() if found["Type"] == kind]


def every(templates: Templates, kind: str) -> list[dict[str, Any]]:
    return [found for template in templates.values() for found in resources(template, kind)]


def test_the_app_synthesises_offline_into_its_eight_stacks(templates: Templates) -> None:
    assert templates.keys() == STACKS
    assert all(len(template["Resources"]) < TEMPLATE_RESOURCES for template in templates.values())


def test_stacks_are_joined_by_names_and_never_by_exports(templates: Templates) -> None:
    assert not any("Export" in output for t in templates.values() for output in t.get("Outputs", {}).values())


def test_no_open_finding_of_cdk_nag(nag_report: dict[str, Any]) -> None:
    assert nag_report["violations"] == []


def test_every_acknowledged_finding_says_why(nag_report: dict[str, Any]) -> None:
    short = [
        (found["ruleName"], one.get("reason"))
        for found in nag_report["suppressedViolations"]
        for one in found.get("suppressions", found.get("acknowledgments", [{"reason": "x" * 40}]))
        if len(one.get("reason", "")) < 30
    ]
    assert short == []


def test_every_alarm_names_a_runbook_that_exists(templates: Templates) -> None:
    alarms = every(templates, "AWS::CloudWatch::Alarm")
    described = {alarm["AlarmDescription"].removeprefix("Runbook: ") for alarm in alarms}
    assert described
    assert [page for page in sorted(described) if not (ROOT / page).is_file()] == []


def test_every_table_is_encrypted_and_restorable_but_for_keys_that_are_destroyed_for_good(templates: Templates) -> None:
    tables = every(templates, "AWS::DynamoDB::GlobalTable")
    assert len(tables) == 5
    assert all(table["SSESpecification"]["SSEEnabled"] for table in tables)
    restorable = {
        table["TableName"]
        for table in tables
        if all(r["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for r in table["Replicas"])
    }
    assert {table["TableName"] for table in tables} - restorable == {"cnc-dev-keys"}


def tenant_policies(templates: Templates) -> list[dict[str, Any]]:
    return [
        statement
        for policy in every(templates, "AWS::IAM::Policy")
        if any("TenantRole" in role["Ref"] for role in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_a_tenant_role_reaches_its_own_leading_keys_alone(templates: Templates) -> None:
    reaching = [s for s in tenant_policies(templates) if "dynamodb:" in str(s["Action"])]
    assert reaching
    for statement in reaching:
        keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        assert all(
            key.startswith("T#${aws:PrincipalTag/tenant}#") for key in ([keys] if isinstance(keys, str) else keys)
        )
        assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false"}


def test_no_tenant_role_may_scan_or_speak_partiql(templates: Templates) -> None:
    assert not any("Scan" in str(s["Action"]) or "PartiQL" in str(s["Action"]) for s in tenant_policies(templates))


def test_only_reports_that_no_journal_keeps_are_tried_again(templates: Templates) -> None:
    ingest = templates["CncIngest"]
    rules = resources(ingest, "AWS::IoT::TopicRule")
    retries = [config["MaximumRetryAttempts"] for config in resources(ingest, "AWS::Lambda::EventInvokeConfig")]
    assert sorted(retries) == [0] * (len(rules) - 1) + [2]  # machine_report has no journal behind it
    assert all("ErrorAction" in rule["TopicRulePayload"] for rule in rules)
