"""Where data of a tenant lies, how long each class of it is kept, and what ends it: the one table.

The retention job, the export of a tenant, its erasure and the data processing register all read it; a test compares it
with what the code writes and with the template's lifetimes. A kind of row without a line here fails the build.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Ends(StrEnum):
    """What makes data go."""

    TTL = "ttl"  # DynamoDB deletes what its attribute `x` says
    JOB = "job"  # the function `retention`
    LIFECYCLE = "lifecycle"  # a rule of the bucket, queue or log group
    WORK = "work"  # the work it belongs to removes it: a mark that is done, a connection that closed
    PERSON = "person"  # a person leaves the shop or is erased
    TENANT = "tenant"  # the contract: the tenant is erased


class Kept(NamedTuple):
    """One class of data. `kept` None: until `ends` says so."""

    data: str
    ends: Ends
    kept: timedelta | None = None


class Place(NamedTuple):
    """Rows of one kind: `T#<tenant>#<noun>` (and `#<id>` for each of `per`), sort keys that start with `prefix`."""

    table: str
    noun: str
    keeps: str
    per: str = ""  # "" | "machine" | "gateway"
    prefix: str = ""


def _days(days: float) -> timedelta:
    return timedelta(days=days)


KEPT: Final[Mapping[str, Kept]] = MappingProxyType(
    {
        "chunks": Kept("Rows of machines, minute by minute, with their events", Ends.TTL, _days(35)),
        "hours": Kept("Minute means and states of hours", Ends.TTL, _days(400)),
        "alarms": Kept("Last occurrence of every alarm", Ends.TTL, _days(400)),
        "ledgers": Kept("Which rows were produced, stored and declared lost", Ends.TENANT),
        "previews": Kept("Newest state of machines and gateways", Ends.TENANT),
        "schemas": Kept("Names and units of signals", Ends.TENANT),
        "quarantine": Kept("Messages that could not be used", Ends.TTL, _days(90)),
        "dirty": Kept("Hours that must be derived again", Ends.WORK),
        "shop": Kept("The shop: company, sites, machines, gateways", Ends.TENANT),
        "people": Kept("Names, addresses and second factors of people", Ends.PERSON),
        "keys": Kept("API keys, as digests", Ends.TENANT),
        "invitations": Kept("Invitations: the address they were sent to", Ends.TTL, _days(8)),
        "connections": Kept("Running subscriptions of open pages", Ends.TTL, timedelta(hours=2)),
        "programs": Kept("Programs, snapshots and changes with their approvals", Ends.TENANT),
        "screens": Kept("Screens on the wall, and who let them in", Ends.TENANT),
        "sign_in_providers": Kept("Where people of the shop sign in, and domains it owns", Ends.TENANT),
        "rates": Kept("What was asked lately, for the limits", Ends.TTL, _days(2)),
        "usage": Kept("What was used, by day", Ends.TTL, _days(400)),
        "stops": Kept("Where writing is stopped or switched on", Ends.TENANT),
        "probes": Kept("Looks at controls before they are connected", Ends.TTL, _days(1)),
        "answers": Kept("Answers to requests that may be repeated", Ends.TTL, timedelta(hours=25)),
        "consents": Kept("What people agreed to, and when they took it back", Ends.PERSON),
        "privacy": Kept("Privacy settings, shares, export and erasure orders, retention reports", Ends.TENANT),
        "audit": Kept("Who did what to what, by id", Ends.TENANT),
        "person_keys": Kept("The key that opens what is kept of one person", Ends.PERSON),
        "parquet": Kept("Rows of machines, hour by hour", Ends.TENANT),
        "quarantined_bytes": Kept("Original bytes of messages that could not be used", Ends.JOB, _days(90)),
        "exports": Kept("Archives that were asked for", Ends.JOB, _days(7)),
        "old_versions": Kept("Replaced and deleted versions of objects", Ends.LIFECYCLE, _days(35)),
        "backups": Kept("Point-in-time recovery of the tables, the keys of people excepted", Ends.LIFECYCLE, _days(35)),
        "logs": Kept("Logs of functions and APIs: ids, never names", Ends.LIFECYCLE, _days(30)),
        "access_logs": Kept("Access logs of the bucket", Ends.LIFECYCLE, _days(90)),
        "dead_letters": Kept("Messages whose rule failed", Ends.LIFECYCLE, _days(14)),
        "directory": Kept("Which credential belongs to which tenant", Ends.PERSON),
        "tickets": Kept("Single-use tickets and enrolment tokens, as digests", Ends.TTL, _days(1)),
        "sessions": Kept("Sign-ins: when, from which device and address", Ends.TTL, timedelta(hours=12)),
        "anchors": Kept("Signed ends of audit chains, where nobody can change them", Ends.LIFECYCLE, _days(3653)),
        "gateway": Kept("Journals of gateways: rows with a receipt", Ends.WORK, _days(7)),
        "tombstones": Kept("That a tenant was erased: its id, the time, the end of its audit chain", Ends.TENANT),
    }
)

PLACES: Final = (
    Place("telemetry", "M", "chunks", "machine", "C#"),
    Place("telemetry", "M", "ledgers", "machine", "P#"),
    Place("telemetry", "M", "hours", "machine", "R#"),
    Place("telemetry", "M", "hours", "machine", "S#"),
    Place("telemetry", "G", "previews", "gateway"),
    Place("telemetry", "A", "alarms"),
    Place("telemetry", "H", "schemas"),
    Place("telemetry", "Q", "quarantine"),
    Place("telemetry", "D", "dirty"),
    Place("audit", "L", "audit"),
    Place("shop", "C", "programs"),
    Place("shop", "P", "programs"),
    Place("shop", "B", "programs"),
    Place("shop", "Y", "stops"),
    Place("shop", "Z", "stops"),
    Place("shop", "J", "probes"),
    Place("shop", "W", "connections"),
    Place("shop", "X", "tickets"),
    Place("shop", "F", "people"),
    Place("shop", "U", "people"),
    Place("shop", "K", "keys"),
    Place("shop", "V", "screens"),
    Place("shop", "E", "sign_in_providers"),
    Place("shop", "N", "rates"),
    Place("shop", "NU", "usage"),
    Place("shop", "PV", "privacy"),
    Place("shop", "PC", "consents"),
    Place("shop", "O", "invitations"),
    Place("keys", "U", "person_keys"),
    Place("shop", "I", "answers"),
    Place("shop", "I", "shop", prefix="tenant"),
    Place("shop", "S", "shop"),
    # Last: the erasure of all others asks these which machines and gateways there were.
    Place("shop", "G", "shop"),
    Place("shop", "M", "shop"),
)

#: Kinds of objects below `tenant=<id>/`.
OBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parquet": "parquet",
        "program": "programs",
        "quarantine": "quarantined_bytes",
        "export": "exports",
    }
)
#: First letters of rows in `directory`.
DIRECTORY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "K": "keys",
        "U": "directory",
        "G": "directory",
        "W": "connections",
        "X": "tickets",
        "E": "tickets",
        "N": "shop",
        "S": "sessions",
        "Y": "sessions",
        "B": "tickets",
        "C": "rates",
        "F": "sign_in_providers",
        "D": "sign_in_providers",
        "V": "invitations",
        "R": "directory",
        "Z": "tombstones",
    }
)
