"""The way of a row through the cloud: rules, the functions they feed, and the closing of hours."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from constructs import Construct

from infra_cdk.alarms import Alarms
from infra_cdk.constructs.function import CncFunction
from infra_cdk.manifests import FunctionManifest, RuleManifest
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage


class IngestStack(CncStack):
    """Stateless: may be deployed again at any time, the journals hold what it misses."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: Stage,
        functions: dict[str, FunctionManifest],
        rules: dict[str, RuleManifest],
    ) -> None:
        super().__init__(scope, "ingest", stage=stage, description="CNC Copilot: IoT rules and ingest functions")
        self._error_role = self._may_send_errors()
        alarms = Alarms(self)
        for name, rule in rules.items():
            made = CncFunction(self, functions[rule.function])
            made.function.configure_async_invoke(
                retry_attempts=rule.retry_attempts, max_event_age=cdk.Duration.seconds(rule.max_event_age_s)
            )
            self._rule(name, rule, made)
            alarms.of_function(made)
        for manifest in functions.values():
            if "schedule" in manifest.trigger:
                made = CncFunction(self, manifest)
                self._schedule(manifest, made)
                alarms.of_function(made)
        alarms.of_ingest()

    def _rule(self, name: str, rule: RuleManifest, made: CncFunction) -> None:
        topic_rule = iot.CfnTopicRule(
            self,
            f"{name}Rule",
            rule_name=name,
            topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
                description=rule.purpose,
                sql=rule.sql,
                aws_iot_sql_version="2016-03-23",
                rule_disabled=False,
                actions=[
                    iot.CfnTopicRule.ActionProperty(
                        lambda_=iot.CfnTopicRule.LambdaActionProperty(function_arn=made.function.function_arn)
                    )
                ],
                error_action=iot.CfnTopicRule.ActionProperty(
                    sqs=iot.CfnTopicRule.SqsActionProperty(
                        queue_url=self.joined("rule-errors-url"), role_arn=self._error_role.role_arn, use_base64=True
                    )
                ),
            ),
        )
        made.function.add_permission(
            "Rule", principal=iam.ServicePrincipal("iot.amazonaws.com"), source_arn=topic_rule.attr_arn
        )

    def _may_send_errors(self) -> iam.Role:
        role = iam.Role(
            self,
            "RuleErrorRole",
            role_name=self.stage.resource("rule-errors"),
            assumed_by=iam.ServicePrincipal("iot.amazonaws.com"),
        )
        role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.joined("rule-errors-arn")]))
        return role

    def _schedule(self, manifest: FunctionManifest, made: CncFunction) -> None:
        rule = events.Rule(
            self,
            f"{manifest.name}Schedule",
            rule_name=self.stage.resource(manifest.name),
            description=manifest.purpose,
            schedule=events.Schedule.expression(manifest.trigger["schedule"]),
        )
        rule.add_target(targets.LambdaFunction(made.function, retry_attempts=0))
