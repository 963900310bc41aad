"""Runs the rules of the template over the messages the broker hands on."""

import asyncio
import json
import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from local_cloud.cloud import Resource
from local_cloud.rules.actions import Action, ActionFailed, Services, make
from local_cloud.rules.context import Context
from local_cloud.rules.frames import Frame
from local_cloud.rules.sql import Statement, parse

log = logging.getLogger(__name__)
# While the other side restarts an action waits; then the error action has its turn.
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One enabled `AWS::IoT::TopicRule`."""

    name: str
    statement: Statement
    actions: Sequence[Action]
    error_action: Action | None


def _is_asked(rule: Rule, frame: Frame) -> bool:
    """Whether the message names the rule, or came through the broker and the rule listens there at all."""
    return rule.statement.topic_filter is not None if frame.rule is None else frame.rule == rule.name


def load(resources: Iterable[Resource], *, services: Services) -> list[Rule]:
    """Raises BadSql and ValueError: a rule that cannot run must not start quietly."""
    rules: list[Rule] = []
    for resource in resources:
        payload: dict[str, Any] = resource.properties["TopicRulePayload"]
        if str(payload.get("RuleDisabled", False)).lower() == "true":
            continue
        actions = [make(one, services=services, rule_arn=resource.arn) for one in payload["Actions"]]
        declared = payload.get("ErrorAction")
        error = make(declared, services=services, rule_arn=resource.arn) if declared else None
        rules.append(Rule(resource.physical_id, parse(payload["Sql"]), actions, error))
    return rules


@dataclass(slots=True)
class Engine:
    """`retry_s`: waits between tries while the other side is away. Counters are what AWS bills."""

    rules: Sequence[Rule]
    account: str
    retry_s: Sequence[float] = RETRY_S
    triggered: int = 0
    actions: int = 0

    async def handle(self, frame: Frame) -> None:
        """Returns when every action happened, or its error action had its turn."""
        who, trace = frame.client_id or "N/A", str(uuid.uuid4())
        context = Context(frame.topic, frame.payload, who, frame.received_ms, self.account, trace, frame.principal)
        chosen = [rule for rule in self.rules if _is_asked(rule, frame)]
        await asyncio.gather(*(self._run(rule, context) for rule in chosen))

    async def _run(self, rule: Rule, context: Context) -> None:
        payload = rule.statement.evaluate(context)
        if payload is None:
            return
        self.triggered += 1
        failures = [f for action in rule.actions if (f := await self._attempt(action, payload, context)) is not None]
        if not failures:
            return
        log.warning("rule %s: %s", rule.name, "; ".join(str(failure) for failure in failures))
        if rule.error_action is None:
            return
        report = _report(rule, context, failures)
        failed = await self._attempt(rule.error_action, report, context)
        if failed is not None:
            log.error("rule %s: error action failed, message lost: %s", rule.name, failed)

    async def _attempt(self, action: Action, payload: bytes, context: Context) -> ActionFailed | None:
        for wait_s in (*self.retry_s, None):
            self.actions += 1
            try:
                await action.run(payload, context)
            except ActionFailed as failed:
                return failed
            except (aiohttp.ClientError, TimeoutError) as away:
                if wait_s is None:
                    return ActionFailed(type(action).__name__, "", f"not reachable: {away!r}")
                await asyncio.sleep(wait_s)
            else:
                break
        return None


def _report(rule: Rule, context: Context, failures: Sequence[ActionFailed]) -> bytes:
    """AWS IoT developer guide, "Error action message format"."""
    report = {
        "ruleName": rule.name,
        "topic": context.topic,
        "cloudwatchTraceId": context.trace_id,
        "clientId": context.client_id,
        "base64OriginalPayload": context.base64,
        "failures": [
            {"failedAction": f.action, "failedResource": f.resource, "errorMessage": str(f)[:2000]} for f in failures
        ],
    }
    return json.dumps(report, separators=(",", ":")).encode()
