"""What nobody watches until it hurts: certificates that end, and money that is spent."""

from typing import Any

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage

#: Device Defender reports a certificate when it ends within 30 days.
EXPIRING = "DEVICE_CERTIFICATE_EXPIRING_CHECK"
REVOKED = "REVOKED_DEVICE_CERTIFICATE_STILL_ACTIVE_CHECK"
_AUDIT_POLICY = "service-role/AWSIoTDeviceDefenderAudit"


class OperationsStack(CncStack):
    """Account-wide watches. Runbooks: docs/runbooks/certificates.md, docs/runbooks/spend.md."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "operations", stage=stage, description="CNC Copilot: certificates and spend")
        self._topic = sns.Topic(self, "Topic", topic_name=stage.resource("operations-alarms"), enforce_ssl=True)
        self._certificates()
        self._spend()

    def _certificates(self) -> None:
        audit = self._service_role("Audit", managed=_AUDIT_POLICY)
        notify = self._service_role("Notify")
        self._topic.grant_publish(notify)
        on = iot.CfnAccountAuditConfiguration.AuditCheckConfigurationProperty(enabled=True)
        target = iot.CfnAccountAuditConfiguration.AuditNotificationTargetProperty(
            enabled=True, role_arn=notify.role_arn, target_arn=self._topic.topic_arn
        )
        configured = iot.CfnAccountAuditConfiguration(
            self,
            "Checks",
            account_id=self.account,
            role_arn=audit.role_arn,
            audit_check_configurations=iot.CfnAccountAuditConfiguration.AuditCheckConfigurationsProperty(
                device_certificate_expiring_check=on, revoked_device_certificate_still_active_check=on
            ),
            audit_notification_target_configurations={"sns": target},
        )
        daily = iot.CfnScheduledAudit(
            self,
            "Daily",
            scheduled_audit_name=self.stage.resource("certificates"),
            frequency="DAILY",
            target_check_names=[EXPIRING, REVOKED],
        )
        daily.add_resource_dependency(configured)

    def _service_role(self, name: str, *, managed: str = "") -> iam.Role:
        policies = [iam.ManagedPolicy.from_aws_managed_policy_name(managed)] if managed else []
        principal = iam.ServicePrincipal("iot.amazonaws.com")
        role = iam.Role(self, f"{name}Role", assumed_by=principal, managed_policies=policies)
        if managed:
            reason = "AWS keeps this list of read-only calls in step with the checks that Device Defender offers."
            acknowledge(role, f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{managed}]", reason)
        return role

    def _spend(self) -> None:
        self._topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="BudgetsMayPublish",
                principals=[iam.ServicePrincipal("budgets.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self._topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        limit = budgets.CfnBudget.SpendProperty(amount=self.stage.daily_spend_usd, unit="USD")
        budgets.CfnBudget(
            self,
            "DailySpend",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=self.stage.resource("daily-spend"),
                budget_type="COST",
                time_unit="DAILY",
                budget_limit=limit,
            ),
            notifications_with_subscribers=[_above_limit(self._topic.topic_arn)],
        )


def _above_limit(topic_arn: str) -> Any:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN", notification_type="ACTUAL", threshold=100, threshold_type="PERCENTAGE"
        ),
        subscribers=[budgets.CfnBudget.SubscriberProperty(address=topic_arn, subscription_type="SNS")],
    )
