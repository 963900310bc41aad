"""Alarms, each with the runbook page a woken person opens first."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra_cdk.constructs.function import CncFunction
from infra_cdk.stacks.base import CncStack

NAMESPACE = "CncCopilot"
_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_QUIET = cloudwatch.TreatMissingData.NOT_BREACHING


@dataclass(frozen=True)
class Watched:
    """A metric that functions write (dimension `service`), what it may not exceed, and the page to open."""

    name: str
    services: tuple[str, ...]
    limit: float
    runbook: str


_QUARANTINING = ("telemetry_minute", "telemetry_backlog", "telemetry_events", "telemetry_live", "edge_health")
INGEST_ALARMS = (
    Watched("ReceiptAgeSeconds", ("receipt",), 900, "receipt-age"),
    Watched("SilentGateways", ("gateway_watch",), 0, "silent-gateway"),
    Watched("HourRowsMissing", ("hour_close",), 0, "completeness"),
    Watched("Quarantined", _QUARANTINING, 0, "quarantine"),
    Watched("CertificatesEnding", ("gateway_identity",), 0, "certificates"),
    Watched("ChainsBroken", ("audit_anchor",), 0, "audit-chain"),
)
#: What answers callers goes on without the shared counts, each process by its share; somebody should know.
API_ALARMS = (Watched("RateCountsAway", ("graphql", "graphql_ws", "rest"), 10, "rate-counts"),)


class Alarms(Construct):
    """The alarms of one stack and the topic they go to."""

    def __init__(self, stack: CncStack) -> None:
        super().__init__(stack, "Alarms")
        self._stack = stack
        self._topic = sns.Topic(self, "Topic", topic_name=stack.stage.resource(f"{stack.node.id.lower()}-alarms"))
        self._topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="TlsOnly",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["sns:Publish"],
                resources=[self._topic.topic_arn],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            )
        )

    def of_function(self, made: CncFunction) -> None:
        """A function that fails or is throttled."""
        name = made.manifest.name
        self._alarm(f"{name}Errors", made.function.metric_errors(period=_minutes(5)), 0, "function-errors")
        self._alarm(f"{name}Throttles", made.function.metric_throttles(period=_minutes(5)), 0, "throttles")

    def of_ingest(self) -> None:
        """What the shop would notice: receipts, silence, completeness, quarantine, dead letters."""
        self._of(INGEST_ALARMS)
        waiting = cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions_map={"QueueName": self._stack.stage.resource("rule-errors")},
            statistic="Maximum",
            period=_minutes(5),
        )
        self._alarm("DeadLetters", waiting, 0, "dead-letters")

    def of_api(self) -> None:
        """What callers would not notice."""
        self._of(API_ALARMS)

    def _of(self, alarms: tuple[Watched, ...]) -> None:
        for watched in alarms:
            for service in watched.services:
                self._alarm(f"{service}{watched.name}", _written(watched.name, service), watched.limit, watched.runbook)

    def _alarm(self, name: str, metric: cloudwatch.IMetric, limit: float, runbook: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=self._stack.stage.resource(name),
            alarm_description=f"Runbook: docs/runbooks/{runbook}.md",
            metric=metric,
            threshold=limit,
            evaluation_periods=1,
            comparison_operator=_ABOVE,
            treat_missing_data=_QUIET,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))


def _written(name: str, service: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": service},
        statistic="Maximum",
        period=_minutes(5),
    )


def _minutes(count: int) -> cdk.Duration:
    return cdk.Duration.minutes(count)
