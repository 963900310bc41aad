"""Schedules of the template -> Lambda, driven by a clock."""

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.cloud import Cloud, Resource
from local_cloud.door.identities import function_name
from local_cloud.schedules import expressions

TICK_S = 1.0
log = logging.getLogger("schedules")


class BadTarget(ValueError):
    """A schedule aims at something that is no Lambda function."""


@dataclass(frozen=True, slots=True)
class Due:
    """One target that is to run: function name and event."""

    function: str
    event: dict[str, Any]


class Schedules:
    """`due(now)` answers what fell between the last call and now, each schedule at most once."""

    def __init__(self, cloud: Cloud, *, invoke: Callable[[str, bytes], str], clock: Callable[[], datetime]) -> None:
        self._cloud = cloud
        self._invoke = invoke
        self._clock = clock
        rules = [one for one in cloud.of("AWS::Events::Rule") if one.properties.get("State", "ENABLED") == "ENABLED"]
        plans = [
            one for one in cloud.of("AWS::Scheduler::Schedule") if one.properties.get("State", "ENABLED") == "ENABLED"
        ]
        self._entries = [(expressions.parse(one.properties["ScheduleExpression"]), one) for one in (*rules, *plans)]
        self._next = [expression.after(clock()) for expression, _ in self._entries]

    def due(self, now: datetime) -> list[Due]:
        found: list[Due] = []
        for index, (expression, resource) in enumerate(self._entries):
            if now >= self._next[index]:
                found += self._targets(resource, self._next[index])
                self._next[index] = expression.after(now)
        return found

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            for one in self.due(self._clock()):
                log.info("schedule -> %s", one.function)
                self._invoke(one.function, json.dumps(one.event).encode())
            await asyncio.sleep(TICK_S)

    def _targets(self, resource: Resource, at: datetime) -> list[Due]:
        said = resource.properties
        targets = said["Targets"] if "Targets" in said else [said["Target"]]
        return [Due(self._function(resource, target), self._event(resource, target, at)) for target in targets]

    def _function(self, resource: Resource, target: dict[str, Any]) -> str:
        if ":lambda:" not in target["Arn"]:
            raise BadTarget(f"{resource.physical_id}: {target['Arn']} is no Lambda function")
        return function_name(target["Arn"])

    def _event(self, resource: Resource, target: dict[str, Any], at: datetime) -> dict[str, Any]:
        if "Input" in target:
            event: dict[str, Any] = json.loads(target["Input"])
            return event
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._cloud.account,
            "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "region": self._cloud.region,
            "resources": [resource.arn],
            "detail": {},
        }
