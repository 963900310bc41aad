"""What the template says of lifetimes is what the table of retention says."""

from datetime import timedelta
from typing import Any

from cnc.domain.privacy.retention import KEPT

Templates = dict[str, dict[str, Any]]


def every(templates: Templates, kind: str) -> list[dict[str, Any]]:
    return [
        resource.get("Properties", {})
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] == kind
    ]


def days(name: str) -> float:
    kept = KEPT[name].kept
    assert kept is not None
    return kept / timedelta(days=1)


def test_logs_dead_letters_and_old_versions_end_when_the_table_says(templates: Templates) -> None:
    assert {group["RetentionInDays"] for group in every(templates, "AWS::Logs::LogGroup")} == {days("logs")}
    letters = [q for q in every(templates, "AWS::SQS::Queue") if "rule-errors" in str(q.get("QueueName"))]
    assert [queue["MessageRetentionPeriod"] for queue in letters] == [days("dead_letters") * 86_400]
    rules = [
        rule
        for bucket in every(templates, "AWS::S3::Bucket")
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])
    ]
    old = {r["NoncurrentVersionExpiration"]["NoncurrentDays"] for r in rules if "NoncurrentVersionExpiration" in r}
    assert days("old_versions") in old
    assert days("access_logs") in {rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}


def test_every_table_lets_rows_end_by_the_attribute_that_code_writes(templates: Templates) -> None:
    tables = every(templates, "AWS::DynamoDB::GlobalTable")
    assert {table["TimeToLiveSpecification"]["AttributeName"] for table in tables} == {"x"}


def test_backups_are_kept_no_longer_than_the_table_says(templates: Templates) -> None:
    replicas = [replica for table in every(templates, "AWS::DynamoDB::GlobalTable") for replica in table["Replicas"]]
    spans = {r["PointInTimeRecoverySpecification"].get("RecoveryPeriodInDays", 35) for r in replicas}
    assert spans == {days("backups")}


def test_signed_ends_of_audit_chains_are_locked_for_as_long_as_the_table_says(templates: Templates) -> None:
    locked = [
        b["ObjectLockConfiguration"] for b in every(templates, "AWS::S3::Bucket") if "ObjectLockConfiguration" in b
    ]
    assert [lock["Rule"]["DefaultRetention"]["Days"] for lock in locked] == [days("anchors")]
