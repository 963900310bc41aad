"""The same few things around every handler: JSON log lines with tenant and request id, metrics, cold start.

Metrics go out as EMF lines (no call, no wait). No tracer here: it would load the AWS SDK's X-Ray parts.
"""

import gc
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

Result = TypeVar("Result")
Handler = Callable[[Any, Any], Result]

NAMESPACE = "CncCopilot"
#: Python's own thresholds.
COLLECT_AFTER = (700, 10, 10)


class Observer:
    """Log and metrics of one function."""

    def __init__(self, service: str) -> None:
        self.log = Logger(service=service, use_rfc3339=True, utc=True)
        self._metrics = Metrics(namespace=NAMESPACE, service=service)
        self._pending = False

    def count(self, metrics: Mapping[str, int | float]) -> None:
        """Add metrics that are not 0; names end in their unit or count things."""
        for name, value in metrics.items():
            if value:
                self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
                self._pending = True

    def flush(self) -> None:
        if self._pending:
            self._metrics.flush_metrics()
            self._pending = False

    def observed(self, handler: Handler[Result]) -> Handler[Result]:
        """Put the request id (and the tenant, when the event names one) into every log line of the call."""
        gc.freeze()  # this decorator ends the cold start (see `functions`): what was made by now stays
        gc.set_threshold(*COLLECT_AFTER)

        @wraps(handler)
        def wrapper(event: Any, context: Any) -> Result:
            tenant = event.get("tenant") if isinstance(event, dict) else None
            self.log.append_keys(request_id=getattr(context, "aws_request_id", None), tenant=tenant)
            try:
                return handler(event, context)
            except Exception as error:
                self.log.exception("failed", extra={"kind": type(error).__name__})
                self.count({"Failed": 1})
                raise
            finally:
                self.flush()
                self.log.remove_keys(["request_id", "tenant"])

        return wrapper
