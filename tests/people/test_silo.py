"""A tenant with tables of its own: its rows lie there and nowhere else, whichever way they are written."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from cnc.cloud.dynamo import delete_all, get_all, put_all, query
from cnc.cloud.settings import BadSetting, load_silos
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.people import InvitationStore, PeopleStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services.audit import Action
from cnc.services.people.ports import Invitation
from cnc.services.provisioning import create_machine, create_site, create_tenant
from cnc.services.shop import Tenant, User
from infra_cdk.stage import Stage, _silos
from tests.cloud.fixtures import REGION, ROLE, Cloud

ROOT = Path(__file__).resolve().parents[2]
POOLED, APART = "t_1111111111111111", "t_2222222222222222"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class NoDirectory:
    def add_tenant(self, tenant: str, *, facts: Any) -> None: ...


@dataclass
class Both:
    """One process that serves both tenants; `own` are the tables of the silo."""

    cloud: Cloud
    clients: Clients
    own: dict[str, str]

    def rows(self, table: str) -> list[str]:
        return [item["p"]["S"] for item in self.cloud.raw.scan(TableName=table)["Items"]]

    @property
    def people(self) -> PeopleStore:
        return PeopleStore(self.clients, table=self.cloud.tables["shop"])


@pytest.fixture
def both(cloud: Cloud) -> Iterator[Both]:
    own = {}
    for noun in ("telemetry", "shop", "audit"):
        own[noun] = f"{cloud.tables[noun]}-acme"
        keys = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
        cloud.raw.create_table(
            TableName=own[noun],
            KeySchema=keys,
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("p", "s")],
            BillingMode="PAY_PER_REQUEST",
        )
    yield Both(cloud, Clients(region=REGION, tenant_role_arn=ROLE, silos={APART: "acme"}), own)
    for name in own.values():
        cloud.raw.delete_table(TableName=name)


def fill(both: Both, tenant: str) -> None:
    """Every way in which stores write: models, transactions with the log, single items, batches, updates, deletes."""
    people, client = both.people, both.clients.tenant("dynamodb")
    table = both.cloud.tables["telemetry"]
    with acting_for(tenant):
        create_tenant(Tenant(tenant, "Company", NOW), shop=people, directory=NoDirectory())  # type: ignore[arg-type]
        site = create_site("Hall", time_zone="UTC", shop=people, random=token_bytes)
        create_machine("Mill", kind="mill", cell="A", site=site.id, shop=people, random=token_bytes)
        audit = AuditStore(client, table=both.cloud.tables["audit"])
        user = User("u_0000000000000001", "i", "s", "x@example.test", "Ann", ("owner",), {"*": ("owner",)})
        invited = Invitation("i_0000000000000001", "y@example.test", {"*": ("viewer",)}, "h", user.id, NOW, NOW)
        store = InvitationStore(both.clients, table=both.cloud.tables["shop"])
        effects = [people.putting_user(user), store.putting(invited, seen_state=""), people.counting(seen_version=0)]
        audit.commit(Action(user.id, "person.invited", invited.id, "done", 1), effects)
        items = [{"p": {"S": f"T#{tenant}#M#m"}, "s": {"S": f"C#{n}"}, "n": {"N": "1"}} for n in range(30)]
        put_all(client, table=table, items=items)
        put_all(client, table=table, items=items[:1])
        delete_all(client, table=table, keys=[(f"T#{tenant}#M#m", "C#29")])


def test_rows_of_a_silo_are_in_its_own_tables_only(both: Both) -> None:
    for tenant in (POOLED, APART):
        fill(both, tenant)
    for noun in ("telemetry", "shop", "audit"):
        pool, own = both.rows(both.cloud.tables[noun]), both.rows(both.own[noun])
        assert own, noun
        assert {key.split("#")[1] for key in pool} == {POOLED}, noun
        assert {key.split("#")[1] for key in own} == {APART}, noun
        assert len(own) == len(pool), noun


def test_what_was_written_there_is_read_there(both: Both) -> None:
    fill(both, APART)
    client, table = both.clients.tenant("dynamodb"), both.cloud.tables["telemetry"]
    with acting_for(APART):
        assert [user.name for user in both.people.users()] == ["Ann"]
        assert len(list(query(client, table=table, partition=f"T#{APART}#M#m", first="C", last="D"))) == 29
        assert len(get_all(client, table=table, keys=[(f"T#{APART}#M#m", f"C#{n}") for n in range(29)])) == 29
        log = AuditStore(client, table=both.cloud.tables["audit"])
        assert [entry.seq for entry in log.all()] == [1]


def test_a_batch_that_was_refused_in_part_goes_on_in_the_same_table(both: Both) -> None:
    """The answer names tables as the caller did: what is left over is asked for again under that name."""
    client, calls = both.clients.tenant("dynamodb"), []

    def refuse_once(parsed: dict[str, Any], **_: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            left = [{"PutRequest": {"Item": {"p": {"S": f"T#{APART}#M#m"}, "s": {"S": "C#late"}}}}]
            parsed["UnprocessedItems"] = {both.own["telemetry"]: left}

    client.meta.events.register_first("after-call.dynamodb.BatchWriteItem", refuse_once)
    items = [{"p": {"S": f"T#{APART}#M#m"}, "s": {"S": f"C#{n}"}} for n in range(2)]
    with acting_for(APART):
        put_all(client, table=both.cloud.tables["telemetry"], items=items, sleep=lambda _: None)
    assert len(both.rows(both.own["telemetry"])) == 3
    assert f"T#{APART}#M#m" not in both.rows(both.cloud.tables["telemetry"])


def test_a_stage_declares_the_tables_of_its_silos() -> None:
    stage = Stage(name="prod", silos={APART: "acme"})
    assert stage.tables("shop") == ["cnc-prod-shop", "cnc-prod-shop-acme"]
    assert Stage(name="dev").tables("shop") == ["cnc-dev-shop"]


@pytest.mark.parametrize("text", ['"t_1" = "acme"', f'{APART} = "A-1"', f'{APART} = "acme"\n{POOLED} = "acme"'])
def test_a_silo_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "silos.toml"
    path.write_text(f"[prod]\n{text}\n")
    with pytest.raises(ValueError, match=r"silos\.toml"):
        _silos("prod", path=path)


def test_functions_read_their_silos_from_the_environment() -> None:
    assert load_silos(environ={"SILOS": f"{APART}=acme {POOLED}=other"}) == {APART: "acme", POOLED: "other"}
    assert load_silos(environ={}) == {}
    with pytest.raises(BadSetting, match="SILOS"):
        load_silos(environ={"SILOS": "acme"})


@pytest.mark.slow
def test_the_template_of_a_stage_has_the_tables_of_its_silos_and_roles_that_reach_them(tmp_path: Path) -> None:
    program = f"""
import infra_cdk.stage
infra_cdk.stage._silos = lambda _: {{"{APART}": "acme"}}
from infra_cdk.main import build
build().synth()
"""
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=300)
    data, api = (json.loads((tmp_path / f"Cnc{one}.template.json").read_text()) for one in ("Data", "Api"))
    tables = [one["Properties"].get("TableName") for one in data["Resources"].values()]
    assert {f"cnc-dev-{noun}-acme" for noun in ("telemetry", "shop", "audit", "keys")} <= set(filter(None, tables))
    rest = next(one for one in api["Resources"].values() if one["Properties"].get("FunctionName") == "cnc-dev-rest")
    assert rest["Properties"]["Environment"]["Variables"]["SILOS"] == f"{APART}=acme"
    assert "table/cnc-dev-shop-acme" in json.dumps(api)
