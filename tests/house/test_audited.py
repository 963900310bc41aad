"""Whatever changes something says which entry of the audit log it leaves, or why none: routes, mutations, jobs."""

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cnc_graphql.schema import core

from functions.rest import audited
from functions.rest.api import Ports, build
from functions.rest.audited import ACTIONS, AUDITED, UNAUDITED, lacks_entry
from functions.rest.document import document
from infra_cdk.manifests import functions

ROOT = Path(__file__).resolve().parents[2]
#: Mutation -> why it leaves no entry; one that does would name its action here.
MUTATIONS = {"watchMachine": "renews a lease of 60 seconds under which a gateway sends more; nothing else changes"}
#: Function that may write and is asked by no route -> its actions, or why it leaves none.
_MEASURED = "stores what machines and gateways tell; every row has its own identity and both ledgers count it"
_DERIVED = "makes derived rows again from what was stored; the same input gives the same rows"
JOBS: dict[str, tuple[str, ...] | str] = {
    "telemetry_minute": _MEASURED,
    "telemetry_backlog": _MEASURED,
    "telemetry_events": _MEASURED,
    "telemetry_live": _MEASURED,
    "receipt": _MEASURED,
    "edge_health": _MEASURED,
    "gateway_identity": _MEASURED,
    "hour_close": _DERIVED,
    "hour_parquet": _DERIVED,
    "machine_report": ("change.reported", "content.refused"),
    "gateway_provisioning": "uses an enrolment up that an operator made; AWS IoT has the certificate and its time",
    "graphql_ws": "keeps which socket watches what; rows end with their connection",
    "fan_out": "removes sockets that are gone",
    "gateway_watch": "tells who watches that a machine fell silent",
    "graphql": "keeps leases of a minute and counts what was used",
    "authorizer": "keeps when a session was seen; who begins and ends one is noted by its routes",
    "tenant_export": "writes the archive that `export.ordered` asked for",
    "tenant_erasure": ("person.erased",),
    "retention": "removes what its class is kept for no longer, and keeps a report of it each day",
    "audit_anchor": "signs the log itself, in a bucket where nothing can be changed",
}
_WRITES = {"write", "read-write", "append", "read-update", "all", "whole", "erase"}


class Anything:
    """Ports of routes that are listed and never called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Anything()


@pytest.fixture(scope="module")
def routes() -> set[str]:
    """Writing routes, by the router."""
    app = build(Ports(**{name: Anything() for name in Ports.__dataclass_fields__}))
    paths = document(app)["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method != "get"}


def test_every_writing_route_names_its_action_or_why_it_has_none(routes: set[str]) -> None:
    assert routes - AUDITED.keys() - UNAUDITED.keys() == set(), "add these to functions/rest/audited.py"
    assert (AUDITED.keys() | UNAUDITED.keys()) - routes == set(), "these routes are gone"
    assert AUDITED.keys() & UNAUDITED.keys() == set()


def test_every_mutation_names_its_action_or_why_it_has_none() -> None:
    assert core.mutation_type is not None
    assert set(core.mutation_type.fields) == set(MUTATIONS)


def test_every_job_that_may_write_names_its_action_or_why_it_has_none() -> None:
    writing = {
        name
        for name, manifest in functions().items()
        if name != "rest" and _WRITES & {manifest.access.get(table, "") for table in _TABLES}
    }
    assert writing - JOBS.keys() == set(), "add these to JOBS"
    assert JOBS.keys() <= functions().keys(), "these functions are gone"
    for name, actions in JOBS.items():
        if isinstance(actions, tuple):
            assert set(actions) <= ACTIONS
            assert functions()[name].access.get("audit") in _WRITES, f"{name} cannot append"


_TABLES = ("telemetry", "shop", "audit", "directory")


def literals() -> set[str]:
    """Texts of the product's code but for the tables themselves."""
    return set(_texts(node for path in _sources() for node in _nodes(path)))


def noted_literals() -> set[str]:
    """Texts in arguments of the calls that note."""
    found: set[str] = set()
    for node in (node for path in _sources() for node in _nodes(path)):
        if isinstance(node, ast.Call) and _called(node) in {"Action", "noted", "refusals_noted", "step"}:
            found |= {
                text
                for argument in (*node.args, *(one.value for one in node.keywords))
                for text in _texts(ast.walk(argument))
            }
    return found


def _texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _sources() -> Iterator[Path]:
    for folder in ("cnc/services", "cnc/cloud", "functions", "cli"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path != Path(audited.__file__))


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_every_action_is_written_somewhere_and_none_is_written_that_is_not_listed() -> None:
    assert ACTIONS - literals() == set(), "nothing notes these"
    unknown = {text for text in noted_literals() if _looks_like_an_action(text)} - ACTIONS - set(_codes())
    assert unknown == set(), "name these in functions/rest/audited.py, and give the portal words for them"


def _looks_like_an_action(text: str) -> bool:
    noun, dot, verb = text.partition(".")
    return bool(dot) and noun.isidentifier() and verb.isidentifier() and text.islower()


def _codes() -> Iterator[str]:
    from cnc.domain.base.errors import CODES

    yield from CODES


def test_the_portal_has_words_for_every_action_and_for_no_other() -> None:
    words = json.loads((ROOT / "portal" / "src" / "i18n" / "en.json").read_text())["audit"]["actions"]
    assert {name.replace(".", "_") for name in ACTIONS} == set(words)


@pytest.mark.parametrize(
    ("asked", "noted", "lacking"),
    [
        (("POST", "/v1/changes", 200), [], True),
        (("POST", "/v1/changes", 200), ["change.drafted"], False),
        (("POST", "/v1/changes", 200), ["change.ordered"], True),
        (("POST", "/v1/changes", 403), [], False),
        (("GET", "/v1/changes", 200), [], False),
        (("DELETE", "/v1/keys/k_1", 200), [], True),
        (("POST", "/v1/keys/k_1/rotation", 200), ["key.superseded", "key.rotated"], False),
        (("POST", "/v1/socket-tickets", 200), [], False),
    ],
)
def test_a_request_that_was_carried_out_without_its_entry_is_seen(
    asked: tuple[str, str, int], noted: list[str], lacking: bool
) -> None:
    method, path, status = asked
    assert lacks_entry(method, path, status=status, noted=noted) is lacking
