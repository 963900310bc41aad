"""Second factors of people and probes of controls, of the tenant acted for."""

from datetime import datetime, timedelta

from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.changes import saved
from cnc.cloud.store.effects import putting, removing
from cnc.cloud.store.program_rows import FactorRow, ProbeRow
from cnc.cloud.store.shop_rows import bind
from cnc.cloud.tenancy import Clients, current
from cnc.services.audit import Effect
from cnc.services.second_factor import Factor, HeldFactor

PROBE_KEPT = timedelta(days=1)


class FactorStore:
    """`T#<tenant>#F`: `u_…`."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def get(self, user: str, /) -> HeldFactor | None:
        try:
            row = FactorRow.get(current().partition("F"), user, consistent_read=True)
        except DoesNotExist:
            return None
        return HeldFactor(_factor(row), int(row.o))

    def put(self, user: str, factor: Factor, /, *, seen_version: int) -> bool:
        row = FactorRow(
            current().partition("F"),
            user,
            secret=factor.secret,
            confirmed=factor.confirmed,
            last_step=factor.last_step,
            misses=factor.misses,
            missed_s=factor.missed_s,
            o=seen_version + 1,
            pending=factor.pending or None,
            recovery=" ".join(sorted(factor.recovery)) or None,
            phone=factor.phone or None,
            phone_pending=factor.phone_pending or None,
            sms=factor.sms or None,
            sms_sent_s=" ".join(map(str, factor.sms_sent_s)) or None,
        )
        return saved(row, FactorRow.o == seen_version if seen_version else FactorRow.p.does_not_exist())

    def removing(self, user: str, /) -> Effect:
        return removing(FactorRow(current().partition("F"), user))


def _factor(row: FactorRow) -> Factor:
    return Factor(
        row.secret,
        bool(row.confirmed),
        int(row.last_step),
        int(row.misses),
        int(row.missed_s),
        pending=row.pending or b"",
        recovery=frozenset((row.recovery or "").split()),
        phone=row.phone or "",
        phone_pending=row.phone_pending or "",
        sms=row.sms or "",
        sms_sent_s=tuple(map(int, (row.sms_sent_s or "").split())),
    )


class ProbeStore:
    """`T#<tenant>#J`: `q_…`."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def asking(self, probe: str, request: str, /, *, at: datetime) -> Effect:
        x = int((at + PROBE_KEPT).timestamp())
        return putting(ProbeRow(current().partition("J"), probe, request=request, x=x))

    def answer(self, probe: str, report: str, /) -> None:
        """Only what was asked for is kept."""
        row = ProbeRow(current().partition("J"), probe)
        exists = ProbeRow.p.exists()
        try:
            row.update(actions=[ProbeRow.report.set(report)], condition=exists)
        except DoesNotExist:
            return

    def get(self, probe: str, /) -> tuple[str, str | None] | None:
        try:
            row = ProbeRow.get(current().partition("J"), probe, consistent_read=True)
        except DoesNotExist:
            return None
        return row.request, row.report
