"""What a machine costs a month, from the units that are used: a calculation, tested in tests/money.

Prices are us-east-1's list (performance facts, 5), the same that the meter of the local cloud counts units for. One
machine-month is 720 hours at 1 Hz x 30 signals. The connection of a gateway, what it tells about itself, and what is
done per tenant are shared by its machines alone, as if no tenant had a second gateway. The live lane is not in it: it
runs while somebody looks, and is stated apart; so are the scheduled runs themselves, which all tenants share.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

HOURS: Final = 720
MINUTES: Final = HOURS * 60
#: Dollars of one unit each.
WRITE_UNIT: Final = 0.625e-6
READ_UNIT: Final = 0.125e-6
RULE_AND_ACTION: Final = 0.30e-6
"""Basic Ingest: a rule and its one action, per 5 KB of payload begun; no charge for the message."""
MESSAGE: Final = 1.00e-6
S3_PUT: Final = 5.00e-6
CONNECTED_MINUTE: Final = 0.08e-6
REQUEST: Final = 0.20e-6
GB_SECOND: Final = 13.3334e-6
PAYLOAD_STEP_BYTES: Final = 5 * 1024
#: A Lambda has a whole core at this much memory, and its share of one below.
CORE_MB: Final = 1769
#: Waiting for one call of another service; DynamoDB answers within single-digit milliseconds.
CALL_MS: Final = 5.0
RECEIPT_MINUTES: Final = 5
SCHEDULE_MINUTES: Final = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation by a rule, or of a job (`payload_bytes` 0), with all it uses."""

    payload_bytes: int = 0
    write_units: float = 0.0
    read_units: float = 0.0
    cpu_ms: float = 0.0
    calls: int = 0
    memory_mb: int = 256
    published: int = 0
    objects: int = 0
    """Objects put into S3."""
    invoked: int = 0
    """Further functions it starts, of 512 MB and 10 ms of a core each."""

    @property
    def dollars(self) -> float:
        steps = ceil(self.payload_bytes / PAYLOAD_STEP_BYTES)
        return (
            steps * RULE_AND_ACTION
            + self.write_units * WRITE_UNIT
            + self.read_units * READ_UNIT
            + _run(self.cpu_ms, calls=self.calls, memory_mb=self.memory_mb)
            + self.invoked * _run(10, calls=2, memory_mb=512)
            # An answer to a gateway is billed as published and as delivered.
            + self.published * 2 * MESSAGE
            + self.objects * S3_PUT
        )


def _run(cpu_ms: float, *, calls: int, memory_mb: int) -> float:
    billed_ms = ceil(cpu_ms * CORE_MB / memory_mb + calls * CALL_MS)
    return REQUEST + billed_ms / 1000 * memory_mb / 1024 * GB_SECOND


@dataclass(frozen=True, slots=True)
class GatewayUse:
    """What one gateway with `machines` machines uses; `event_batches` an hour."""

    machines: int
    minute: Call
    events: Call
    event_batches: float
    receipt: Call
    """The question of five minutes, with the health that rides with it."""
    hour: Call
    """Closing one hour of one machine."""
    parquet: Call
    """The object of one hour of the tenant, as if it had this gateway alone."""
    watch: float
    """Dollars by which a tenant with one gateway makes the scheduled runs of five minutes dearer."""


def machine_month(use: GatewayUse) -> dict[str, float]:
    """Dollars of one machine a month, by what they are for."""
    gateway = {
        "minutes": use.minute.dollars * MINUTES,
        "events": use.events.dollars * use.event_batches * HOURS,
        "receipts": use.receipt.dollars * MINUTES / RECEIPT_MINUTES,
        "connection": CONNECTED_MINUTE * MINUTES,
        "hours": use.hour.dollars * HOURS * use.machines,  # of an hour at work; one at rest has less to tell
        "objects": use.parquet.dollars * HOURS,
        "schedules": use.watch * MINUTES / SCHEDULE_MINUTES,
    }
    return {name: dollars / use.machines for name, dollars in gateway.items()}
