"""Every action that an entry of an audit log may name: `<noun>.<verb>`, held complete by tests/house/test_audited.py.

The portal has words for each (`audit.actions` of its catalogue).
"""

from typing import Final

ACTIONS: Final = frozenset(
    {
        # programs and values on their way to a control
        "change.drafted",
        "change.dry_run_read",
        "change.approved",
        "change.withdrawn",
        "change.ordered",
        "change.reported",
        "content.refused",
        "drift.acknowledged",
        "writing.stopped",
        "writing.allowed",
        # machines and gateways
        "machine.added",
        "machine.probed",
        # people and the company
        "tenant.created",
        "tenant.renamed",
        "tenant.suspended",
        "tenant.resumed",
        "tenant.deleted",
        "person.invited",
        "person.changed",
        "person.removed",
        "invitation.revoked",
        "invitation.accepted",
    }
)
