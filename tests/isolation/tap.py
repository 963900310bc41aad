"""What the engines were asked, by which role, in whose name: the ground on which every verdict stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local_cloud.door.policy import Ask
from local_cloud.door.sessions import Principal

LEADING = "dynamodb:leadingkeys"
#: Table nouns whose keys begin with a tenant.
TENANT_TABLES = ("telemetry", "shop", "audit", "keys")


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that one call was for: `places` are leading keys, or the object or topic."""

    action: str
    resource: str
    places: tuple[str, ...]

    @property
    def of_a_tenant(self) -> bool:
        return self.action.startswith(("s3:", "iot:Publish", "iot:RetainPublish")) or (
            self.resource.rpartition("-")[2] in TENANT_TABLES
        )

    def within(self, tenant: str) -> bool:
        """Whether all of it lies in what belongs to `tenant`."""
        if self.action.startswith("s3:List"):
            return bool(self.places) and all(place.startswith(f"tenant={tenant}/") for place in self.places)
        if self.action.startswith("s3:"):
            return self.resource.partition("/")[2].startswith(f"tenant={tenant}/")
        if self.action.startswith("iot:"):
            return self.resource.partition(":topic/")[2].startswith(f"cnc/{tenant}/")
        return bool(self.places) and all(place.startswith(f"T#{tenant}#") for place in self.places)


@dataclass(frozen=True, slots=True)
class Done:
    """One call. `tenant` is the tag of its session, "" for a function's own role."""

    role: str
    tenant: str
    touched: tuple[Touched, ...]
    refused: bool

    @classmethod
    def of(cls, principal: Principal, asks: tuple[Ask, ...], *, refused: bool) -> "Done":
        touched = tuple(Touched(ask.action, ask.resource, _places(ask)) for ask in asks)
        return cls(principal.role.rpartition("/")[2], principal.tags.get("tenant", ""), touched, refused)

    @property
    def shape(self) -> tuple[str, ...]:
        """What kind of work it was, without whose."""
        return tuple(f"{one.action} {one.resource.rpartition('/')[2] if one.places else ''}" for one in self.touched)


def _places(ask: Ask) -> tuple[str, ...]:
    if ask.action.startswith("s3:List"):
        return (str(ask.context.get("s3:prefix", "")),)
    return tuple(ask.context.get(LEADING, ()))


@dataclass(slots=True)
class Tap:
    """`watching` collects the calls of one attempt."""

    _watched: list[Done] = field(default_factory=list)

    def add(self, done: Done) -> None:
        self._watched.append(done)

    @contextmanager
    def watching(self) -> Iterator[list[Done]]:
        seen = self._watched = []
        try:
            yield seen
        finally:
            self._watched = []


def let_through_to_others(calls: list[Done], *, tenant: str) -> list[str]:
    """What of these calls reached something of another tenant than `tenant`, or than the one they were signed for."""
    passed = [(one, call) for call in calls if not call.refused for one in call.touched if one.of_a_tenant]
    mine = [(one, call.tenant if _tallied(one) else tenant or call.tenant) for one, call in passed]
    return [f"{one.action} {one.resource} {one.places}" for one, whose in mine if not one.within(whose)]


def tried_others(calls: list[Done], *, tenant: str) -> list[str]:
    """What of these calls was for something of another tenant, whether let through or not."""
    asked = [one for call in calls for one in call.touched if one.of_a_tenant]
    return [f"{one.action} {one.resource} {one.places}" for one in asked if not one.within(tenant)]


def work(calls: list[Done]) -> list[tuple[str, ...]]:
    """The store calls in their order, for comparing two attempts.

    Without what is done for the credential and not for what is asked: whether a session still lives is looked up again
    after a moment, when it was last seen is noted once a minute.
    """
    return [
        call.shape for call in calls if call.touched and not any(_tallied(one) or _known(one) for one in call.touched)
    ]


def _known(one: Touched) -> bool:
    return one.resource.endswith("-directory")


def _tallied(one: Touched) -> bool:
    """What was used is told to the store now and then, each tenant's in its own name, whoever asks at that moment."""
    return bool(one.places) and all(place.endswith("#NU") for place in one.places)
