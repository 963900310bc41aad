"""One table of permissions; it is what is printed, and what every check reads."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from cnc.domain.identity.permissions import (
    GRANTED,
    OWN,
    SCOPES,
    SITE_BOUND,
    Permission,
    Role,
    permissions_of,
    permissions_of_scopes,
)
from cnc.services.caller import Caller
from tools.print_permissions import documents

ROOT = Path(__file__).resolve().parents[2]
TENANT = "t_0000000000000001"
#: Where roles may be named: the table, and who founds a company.
NAMED = {
    "cnc/domain/identity/facts.py",
    "cnc/services/people/signing_up.py",
    "cnc/services/privacy/names.py",  # an order of telling, no check
}
ROLES = {role.value for role in Role}


def test_the_printed_table_is_the_table() -> None:
    for path, text in documents().items():
        assert path.read_text() == text, f"{path}: python -m tools.print_permissions"


def test_every_permission_is_given_to_somebody_and_owners_have_all() -> None:
    assert set(GRANTED) == set(Permission)
    assert permissions_of([Role.OWNER]) == set(Permission)
    assert SITE_BOUND.isdisjoint(OWN)


def test_each_role_reads_the_shop_floor_where_it_is_held() -> None:
    """`Caller.sees` stands for these: a site where somebody has a role is one that they read."""
    reads = {"machine.read", "machine.watch", "telemetry.read", "alarm.read", "gateway.read"}
    assert all(reads <= permissions_of([role]) for role in Role)


def test_no_scope_of_a_key_gives_what_takes_a_person() -> None:
    persons = {"people.manage", "people.invite", "tenant.delete", "program.approve", "program.order", "key.manage"}
    assert all(persons.isdisjoint(permissions_of_scopes([scope])) for scope in SCOPES)
    assert permissions_of_scopes(["owner", "admin", "*", ""]) == permissions_of_scopes([])


def test_a_role_at_a_site_gives_its_site_permissions_there_alone() -> None:
    caller = Caller(TENANT, "u_0000000000000001", "user", grants={"s_1": ("admin",), "s_2": ("viewer",)})
    assert caller.may(Permission.PEOPLE_MANAGE, "s_1")
    assert not caller.may(Permission.PEOPLE_MANAGE, "s_2")
    assert not caller.may(Permission.TENANT_MANAGE)
    assert not caller.may(Permission.TENANT_MANAGE, "s_1")
    assert (caller.sees("s_2"), caller.sees("s_3"), caller.everywhere) == (True, False, False)
    assert caller.may(Permission.API_DOCUMENTS)


def test_a_role_everywhere_counts_at_sites_of_tomorrow() -> None:
    caller = Caller(TENANT, "u_0000000000000001", "user", grants={"*": ("viewer",), "s_1": ("supervisor",)})
    assert caller.may(Permission.MACHINE_READ, "s_9")
    assert caller.may(Permission.PROGRAM_ORDER, "s_1")
    assert not caller.may(Permission.PROGRAM_ORDER, "s_9")


@pytest.mark.parametrize("kind", ["user", "key"])
def test_a_caller_travels_as_facts_and_comes_back(kind: str) -> None:
    caller = Caller(
        TENANT, "u_1", kind, grants={"s_1": ("viewer",)}, scopes=frozenset({"api"}), session="s", status="suspended"
    )
    assert Caller.of_facts(TENANT, caller.facts()) == caller
    everywhere = replace(caller, grants={"*": ("viewer",)}, status="active")
    assert "grants" not in everywhere.facts()
    assert Caller.of_facts(TENANT, everywhere.facts()) == everywhere


def test_roles_are_named_in_the_table_and_nowhere_else() -> None:
    """A check that names a role would be a second table."""
    stray = []
    for path in sorted((*ROOT.glob("cnc/**/*.py"), *ROOT.glob("functions/**/*.py"), *ROOT.glob("graphql/**/*.py"))):
        name = str(path.relative_to(ROOT))
        if name not in NAMED:
            stray += [f"{name}:{line}" for line in _sets_of_roles(path)]
    assert stray == []


def _sets_of_roles(path: Path) -> list[int]:
    """Lines where two or more role names stand in one collection, or `Role.X` is used."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
            named = [one for one in node.elts if isinstance(one, ast.Constant) and one.value in ROLES]
            if len(named) > 1:
                found.append(node.lineno)
        if isinstance(node, ast.Compare):
            texts = [one for one in (node.left, *node.comparators) if isinstance(one, ast.Constant)]
            found += [node.lineno for one in texts if one.value in ROLES - {"owner", "quality", "maintenance"}]
    return found
