"""Print the table of permissions where people and the portal read it: `python -m tools.print_permissions`.

docs/permissions.md and portal/src/app/permissions.json; a test compares both with the table.
"""

import json
import sys
from pathlib import Path
from typing import Final

from cnc.domain.identity.permissions import GRANTED, OWN, SCOPES, SITE_BOUND, Permission, Role

ROOT: Final = Path(__file__).resolve().parents[1]
_WHAT: Final = {
    "machine.read": "see machines, their state, program and tool",
    "machine.watch": "ask for live values",
    "telemetry.read": "read series, timelines and completeness",
    "alarm.read": "read alarms",
    "gateway.read": "see gateways and their health",
    "gateway.connect": "probe controls and add machines",
    "program.read": "read programs, snapshots, drift and changes",
    "program.draft": "draft changes and read dry runs",
    "program.approve": "approve programs",
    "program.order": "send approved programs to a machine",
    "value.approve": "approve parameters, offsets and macro variables",
    "value.order": "send approved values to a machine",
    "program.stop": "stop all writing at once",
    "program.allow": "allow writing again",
    "drift.acknowledge": "say that a change outside of the gate is known",
    "people.read": "see people, their roles and open invitations",
    "people.invite": "invite people, at most with rights one holds",
    "people.manage": "change roles, end memberships, take second factors away",
    "kiosk.pair": "pair a TV or kiosk",
    "session.read": "see one's own sessions and devices",
    "tenant.read": "see name and sites of the company",
    "api.documents": "send GraphQL documents of one's own",
    "tenant.manage": "name, sites and time zones; close the company for a while",
    "tenant.resume": "open the company again",
    "tenant.delete": "delete the company and all it holds",
    "sso.manage": "set up sign-in through the company's own provider",
    "key.manage": "make and revoke API keys",
    "usage.read": "see what is used and its limits",
    "audit.read": "read, verify and export the audit log",
    "privacy.export": "export what is held of a person or a machine",
    "privacy.erase": "erase a person",
    "privacy.manage": "retention, consent and the register of processing",
}


def documents() -> dict[Path, str]:
    """Every printed file with what must stand in it."""
    return {ROOT / "docs" / "permissions.md": _page(), ROOT / "portal" / "src" / "app" / "permissions.json": _table()}


def _table() -> str:
    granted = {permission.value: sorted(GRANTED[permission]) for permission in Permission}
    document = {"roles": [role.value for role in Role], "siteBound": sorted(SITE_BOUND), "granted": granted}
    return json.dumps(document, indent=1) + "\n"


def _page() -> str:
    roles = list(Role)
    head = f"| permission | what | where | {' | '.join(roles)} |"
    rows = [head, "|---|---|---|" + "---|" * len(roles), *(_row(permission, roles) for permission in Permission)]
    scopes = [f"| `{scope}` | {', '.join(sorted(held))} |" for scope, held in SCOPES.items()]
    return "\n".join(
        [
            "# Who may do what",
            "",
            "Printed from `cnc.domain.identity.facts` by `python -m tools.print_permissions`; API, portal and copilot "
            "read the same table.",
            "A person has roles at single sites or everywhere. *Site* permissions hold where the role is held; "
            "*company* permissions take a role everywhere; *own* ones come with any role.",
            "Where somebody has no role, nothing is there for them: an id of such a site is as if unknown.",
            "",
            *rows,
            "",
            "## Scopes of API keys",
            "Every key may send GraphQL documents of its own; what they may read is said by its scopes.",
            "",
            "| scope | permissions |",
            "|---|---|",
            *scopes,
            "",
        ]
    )


def _row(permission: Permission, roles: list[Role]) -> str:
    where = "site" if permission in SITE_BOUND else "own" if permission in OWN else "company"
    marks = " | ".join("x" if role in GRANTED[permission] else "" for role in roles)
    return f"| `{permission}` | {_WHAT[permission]} | {where} | {marks} |"


def main() -> int:
    for path, text in documents().items():
        path.write_text(text)
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
