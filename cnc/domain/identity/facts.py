"""Who may do what: the one table that API, portal and copilot read (docs/permissions.md is printed from it)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

#: The site of a grant that holds at every site, those of tomorrow included.
EVERYWHERE: Final = "*"


class Role(StrEnum):
    """What a person is in a shop, at one of its sites or at all of them."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    MAINTENANCE = "maintenance"
    QUALITY = "quality"
    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    PUBLISHER = "publisher"
    BUYER = "buyer"
    VIEWER = "viewer"


class Permission(StrEnum):
    """`<noun>.<verb>`: one thing that may be done."""

    MACHINE_READ = "machine.read"
    MACHINE_WATCH = "machine.watch"
    TELEMETRY_READ = "telemetry.read"
    ALARM_READ = "alarm.read"
    GATEWAY_READ = "gateway.read"
    GATEWAY_CONNECT = "gateway.connect"
    PROGRAM_READ = "program.read"
    PROGRAM_DRAFT = "program.draft"
    PROGRAM_APPROVE = "program.approve"
    PROGRAM_ORDER = "program.order"
    VALUE_APPROVE = "value.approve"
    VALUE_ORDER = "value.order"
    PROGRAM_STOP = "program.stop"
    PROGRAM_ALLOW = "program.allow"
    DRIFT_ACKNOWLEDGE = "drift.acknowledge"
    PEOPLE_READ = "people.read"
    PEOPLE_INVITE = "people.invite"
    PEOPLE_MANAGE = "people.manage"
    KIOSK_PAIR = "kiosk.pair"
    SESSION_READ = "session.read"
    TENANT_READ = "tenant.read"
    API_DOCUMENTS = "api.documents"
    TENANT_MANAGE = "tenant.manage"
    TENANT_RESUME = "tenant.resume"
    TENANT_DELETE = "tenant.delete"
    SSO_MANAGE = "sso.manage"
    KEY_MANAGE = "key.manage"
    USAGE_READ = "usage.read"
    AUDIT_READ = "audit.read"
    PRIVACY_EXPORT = "privacy.export"
    PRIVACY_ERASE = "privacy.erase"
    PRIVACY_MANAGE = "privacy.manage"


_R, _P = Role, Permission
_ALL: Final = frozenset(Role)
_FLOOR: Final = frozenset({_R.OPERATOR, _R.SUPERVISOR, _R.MAINTENANCE, _R.QUALITY, _R.OWNER, _R.ADMIN})
_APPROVERS: Final = frozenset({_R.SUPERVISOR, _R.QUALITY, _R.OWNER, _R.ADMIN})
_ORDERERS: Final = frozenset({_R.SUPERVISOR, _R.OWNER, _R.ADMIN})
_HEADS: Final = frozenset({_R.OWNER, _R.ADMIN})

#: Every permission and the roles that have it. Maintenance answers for values of a control, not for its programs.
GRANTED: Final[Mapping[Permission, frozenset[Role]]] = MappingProxyType(
    {
        _P.MACHINE_READ: _ALL,
        _P.MACHINE_WATCH: _ALL,
        _P.TELEMETRY_READ: _ALL,
        _P.ALARM_READ: _ALL,
        _P.GATEWAY_READ: _ALL,
        _P.GATEWAY_CONNECT: frozenset({_R.SUPERVISOR, _R.MAINTENANCE, _R.OWNER, _R.ADMIN}),
        _P.PROGRAM_READ: _FLOOR | {_R.DEVELOPER},
        _P.PROGRAM_DRAFT: _FLOOR,
        _P.PROGRAM_APPROVE: _APPROVERS,
        _P.PROGRAM_ORDER: _ORDERERS,
        _P.VALUE_APPROVE: _APPROVERS | {_R.MAINTENANCE},
        _P.VALUE_ORDER: _ORDERERS | {_R.MAINTENANCE},
        _P.PROGRAM_STOP: _FLOOR,
        _P.PROGRAM_ALLOW: _ORDERERS,
        _P.DRIFT_ACKNOWLEDGE: _FLOOR,
        _P.PEOPLE_READ: _HEADS,
        _P.PEOPLE_INVITE: _HEADS,
        _P.PEOPLE_MANAGE: _HEADS,
        _P.KIOSK_PAIR: _HEADS | {_R.SUPERVISOR},
        _P.SESSION_READ: _ALL,
        _P.TENANT_READ: _ALL,
        _P.API_DOCUMENTS: _FLOOR | {_R.DEVELOPER},
        _P.TENANT_MANAGE: _HEADS,
        _P.TENANT_RESUME: frozenset({_R.OWNER}),
        _P.TENANT_DELETE: frozenset({_R.OWNER}),
        _P.SSO_MANAGE: _HEADS,
        _P.KEY_MANAGE: _HEADS | {_R.DEVELOPER},
        _P.USAGE_READ: _HEADS | {_R.DEVELOPER},
        _P.AUDIT_READ: _HEADS,
        _P.PRIVACY_EXPORT: _HEADS,
        _P.PRIVACY_ERASE: _HEADS,
        _P.PRIVACY_MANAGE: _HEADS,
    }
)

#: What a role at one site gives at that site. All else belongs to the whole shop and takes a role everywhere in it.
SITE_BOUND: Final = frozenset(
    {
        _P.MACHINE_READ,
        _P.MACHINE_WATCH,
        _P.TELEMETRY_READ,
        _P.ALARM_READ,
        _P.GATEWAY_READ,
        _P.GATEWAY_CONNECT,
        _P.PROGRAM_READ,
        _P.PROGRAM_DRAFT,
        _P.PROGRAM_APPROVE,
        _P.PROGRAM_ORDER,
        _P.VALUE_APPROVE,
        _P.VALUE_ORDER,
        _P.PROGRAM_STOP,
        _P.PROGRAM_ALLOW,
        _P.DRIFT_ACKNOWLEDGE,
        _P.PEOPLE_READ,
        _P.PEOPLE_INVITE,
        _P.PEOPLE_MANAGE,
        _P.KIOSK_PAIR,
    }
)

#: About oneself and the name of the shop: whoever has a role anywhere in it has these.
OWN: Final = frozenset({_P.SESSION_READ, _P.TENANT_READ, _P.API_DOCUMENTS})

#: What a screen on the wall may: the board of its site.
OF_A_SCREEN: Final = frozenset({_P.MACHINE_READ, _P.ALARM_READ, _P.TENANT_READ})

_READ: Final = frozenset({_P.MACHINE_READ, _P.ALARM_READ, _P.GATEWAY_READ, _P.TENANT_READ})
_SEE: Final = _READ | {_P.TELEMETRY_READ, _P.MACHINE_WATCH}

#: What an API key may do, by its scopes. `api` is the scope of keys that may read everything of the shop floor.
SCOPES: Final[Mapping[str, frozenset[Permission]]] = MappingProxyType(
    {
        "api": _SEE,
        "read": _SEE,
        "machines": _READ,
        "telemetry": frozenset({_P.MACHINE_READ, _P.TELEMETRY_READ, _P.MACHINE_WATCH}),
        "alarms": frozenset({_P.MACHINE_READ, _P.ALARM_READ}),
        "programs": frozenset({_P.MACHINE_READ, _P.PROGRAM_READ, _P.PROGRAM_DRAFT}),
        "audit": frozenset({_P.AUDIT_READ}),
        "usage": frozenset({_P.USAGE_READ}),
        # Opens nothing by itself: what a share names (cnc.services.privacy.shares).
        "share": frozenset(),
    }
)
