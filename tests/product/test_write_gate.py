"""A machine is connected, backed up and written to, through the running product and its real gateway."""

import time
from base64 import b32decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cnc.domain.identity.totp import STEP_S, code
from cnc.domain.programs.canonical import canonical, digest
from tests.product.control import FOLDER, Idle, gateway, turn
from tests.product.people import Person, sign_in
from tests.product.running import Product, until

NEW = "O1234(SLOWER)\nG21G90G54\nS900M3\nG01X10.Y10.F450\nM5\nM30\n"


@pytest.fixture(scope="module")
def idle() -> Iterator[Idle]:
    with Idle() as made:
        yield made


def asked(person: Person, method: str, path: str, body: Any = None) -> Any:
    status, answer = person.rest(method, path, body)
    assert status == 200, answer
    return answer


@pytest.mark.slow  # the walk through the portal goes the same way inside `make test`
def test_a_new_machine_is_live_backed_up_and_written_to_only_as_the_gate_allows(product: Product, idle: Idle) -> None:
    boss, operator = sign_in(product, "owner"), sign_in(product, "operator")
    supervisor = sign_in(product, "supervisor")
    thing, folder = gateway(product)
    machine = connected(boss, product, thing, idle.port)
    asked(boss, "POST", f"/machines/{machine}/snapshots", {})
    until(lambda: asked(boss, "GET", f"/machines/{machine}/snapshots")["snapshots"], within_s=60, what="a snapshot")
    change = drafted(operator, machine)
    asked(supervisor, "POST", f"{change}/approvals", {})
    asked(boss, "POST", f"{change}/approvals", {"code": first_code(boss)})
    assert ended(boss, change)["outcome"]["code"] == "writing.off"
    turn("on", folder, machine)
    done = ended(boss, change)
    assert (done["state"], done["outcome"]["step"]) == ("released", "end"), done
    assert idle.present() == digest(canonical(NEW.encode()))
    turn("off", folder, machine)
    asked(boss, "DELETE", "/second-factor", {})


def connected(who: Person, product: Product, thing: str, port: int) -> str:
    """The id of a machine that was probed, added, and has given its first values."""
    probe = asked(who, "POST", "/probes", {"gatewayId": thing, "host": "127.0.0.1", "port": port})
    report = until(lambda: asked(who, "GET", f"/probes/{probe['id']}")["report"], within_s=60, what="a report")
    assert (report["ok"], report["protocol"]) == (True, "focas"), report
    wish = {"gatewayId": thing, "name": "Test mill", "kind": "mill", "cell": "Test", "component": "focas"}
    made = asked(who, "POST", "/machines", {**wish, "host": "127.0.0.1", "port": port, "simulated": True})
    document = "query($id: ID!) { machine(id: $id) { latest { signal } } }"
    until(lambda: product.graphql(document, id=made["id"])["machine"]["latest"], within_s=120, what="first values")
    return str(made["id"])


def drafted(who: Person, machine: str) -> str:
    """The path of a change that is checked and read."""
    target = {"path": 1, "folder": FOLDER, "name": "O1234"}
    wish = {"machineId": machine, "operation": "program", "target": target, "reason": "slower", "text": NEW}
    made = asked(who, "POST", "/changes", wish)
    assert made["state"] == "checked", made["findings"]
    asked(who, "POST", f"/changes/{made['id']}/dry-run", {})
    return f"/changes/{made['id']}"


def first_code(who: Person) -> str:
    """Sets an authenticator up and gives a code of it that was not used."""
    uri = asked(who, "POST", "/second-factor", {})["uri"]
    secret = b32decode(parse_qs(urlsplit(uri).query)["secret"][0])
    until(lambda: time.time() % STEP_S < STEP_S - 8, within_s=10, what="a step that does not end at once", every_s=0.1)
    step = int(time.time()) // STEP_S
    asked(who, "POST", "/second-factor/confirmation", {"code": code(secret, step=step - 1)})
    return code(secret, step=step)


def ended(who: Person, change: str) -> Any:
    """The change after its order was answered."""
    asked(who, "POST", f"{change}/order", {})

    def answered() -> Any:
        found = asked(who, "GET", change)
        return found if found["state"] != "ordered" else None

    return until(answered, within_s=90, what="the outcome of the order")
