"""Which entry of the audit log each writing route leaves.

A route that is in neither table fails the build (tests/house/test_audited.py). A request that was carried out without
an entry of its route is logged as `unaudited`: what was asked for was so already, or the route forgot it.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

#: Route -> the actions of which one is in the log once it was carried out.
AUDITED: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /v1/changes": ("change.drafted",),
    "POST /v1/changes/{change_id}/dry-run": ("change.dry_run_read",),
    "POST /v1/changes/{change_id}/approvals": ("change.approved",),
    "POST /v1/changes/{change_id}/order": ("change.ordered",),
    "POST /v1/changes/{change_id}/withdrawal": ("change.withdrawn",),
    "PUT /v1/machines/{machine_id}/writing": ("writing.stopped", "writing.allowed"),
    "POST /v1/machines/{machine_id}/drift/acknowledgement": ("drift.acknowledged",),
    "POST /v1/machines": ("machine.added",),
    "POST /v1/probes": ("machine.probed",),
    "POST /v1/tenants": ("tenant.created",),
    "PATCH /v1/tenant": ("tenant.renamed",),
    "DELETE /v1/tenant": ("tenant.deleted",),
    "DELETE /v1/tenant/erasure": ("tenant.kept",),
    "POST /v1/tenant/suspend": ("tenant.suspended",),
    "POST /v1/tenant/resume": ("tenant.resumed",),
    "POST /v1/sites": ("site.created",),
    "PATCH /v1/sites/{site_id}": ("site.changed",),
    "PATCH /v1/people/{user_id}": ("person.changed",),
    "DELETE /v1/people/{user_id}": ("person.removed",),
    "DELETE /v1/people/{user_id}/sessions": ("person.sign_out",),
    "POST /v1/invitations": ("person.invited",),
    "DELETE /v1/invitations/{invitation_id}": ("invitation.revoked",),
    "POST /v1/invitations/accept": ("invitation.accepted",),
    "POST /v1/keys": ("key.created",),
    "POST /v1/keys/{key_id}/rotation": ("key.rotated",),
    "DELETE /v1/keys/{key_id}": ("key.revoked",),
    "POST /v1/sessions/current/tenant": ("session.switched",),
    "POST /v1/sessions/current/factor": ("factor.shown", "factor.recovery_code_used"),
    "DELETE /v1/sessions": ("session.end_others",),
    "DELETE /v1/sessions/{session_id}": ("session.end",),
    "POST /v1/second-factor/confirmation": ("factor.confirmed",),
    "POST /v1/second-factor/recovery-codes": ("factor.recovery_codes",),
    "DELETE /v1/second-factor": ("factor.removed",),
    "DELETE /v1/second-factor/{user_id}": ("factor.taken_away",),
    "POST /v1/second-factor/phone/confirmation": ("factor.phone_added",),
    "DELETE /v1/second-factor/phone": ("factor.phone_removed",),
    "PUT /v1/security-policy": ("policy.require_factor", "policy.factor_optional"),
    "POST /v1/screens": ("screen.pair",),
    "DELETE /v1/screens/{screen_id}": ("screen.take_away",),
    "POST /v1/sso/providers": ("sso.created",),
    "PUT /v1/sso/providers/{provider_id}": ("sso.changed",),
    "DELETE /v1/sso/providers/{provider_id}": ("sso.removed",),
    "POST /v1/sso/providers/{provider_id}/domains": ("sso.domain_proven",),
    "POST /v1/sso/providers/{provider_id}/tests": ("sso.tested",),
    "PUT /v1/sso/providers/{provider_id}/joining": ("sso.joining_changed",),
    "PUT /v1/sso/providers/{provider_id}/enforcement": ("sso.enforced",),
    "DELETE /v1/sso/providers/{provider_id}/enforcement": ("sso.relaxed",),
    "POST /v1/sso/join": ("person.joined",),
    "POST /v1/sso/accounts": ("person.moved_to_provider",),
    "POST /v1/exports": ("export.ordered",),
    "POST /v1/exports/{export_id}/link": ("export.fetched",),
    "POST /v1/erasures": ("person.erasure_ordered",),
    "POST /v1/consents": ("consent.given", "consent.withdrawn"),
    "PUT /v1/privacy/operator-names": ("names.on", "names.off"),
    "POST /v1/shares": ("share.made",),
    "DELETE /v1/shares/{share_id}": ("share.ended",),
}
#: Route -> why it leaves none.
UNAUDITED: Final[Mapping[str, str]] = {
    "POST /v1/socket-tickets": "opens one socket for who asks, for 30 seconds, and changes nothing",
    "POST /v1/machines/{machine_id}/snapshots": "asks a gateway to read; what it read is a report of the gateway",
    "POST /v1/invitations/letter": "reads an invitation by its secret, which must stand in no address",
    "POST /v1/sessions/current/factor/sms": "sends a code; that it was shown is an entry",
    "POST /v1/second-factor": "begins to set up an authenticator; that it was confirmed is an entry",
    "POST /v1/second-factor/phone": "sends a code to a number; that it was confirmed is an entry",
    "POST /v1/pairings": "a screen that nobody knows asks for a code; that a person paired it is an entry",
    "POST /v1/screens/token": "a paired screen renews its short token",
}
#: Actions without a route: of gateways, jobs and operators, and second entries of a route.
OTHERS: Final = frozenset({"change.reported", "content.refused", "gateway.expected", "key.superseded", "person.erased"})
ACTIONS: Final = frozenset().union(*AUDITED.values()) | OTHERS


def lacks_entry(method: str, path: str, *, status: int, noted: Collection[str]) -> bool:
    """Whether a request was carried out that should have left an entry, and `noted` has none of its route's."""
    if method in ("GET", "HEAD", "OPTIONS") or not 200 <= status < 300:
        return False
    return next(
        (
            not set(actions) & set(noted)
            for route, actions in AUDITED.items()
            if _pattern(route).fullmatch(f"{method} {path}")
        ),
        False,
    )


@cache
def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)))
