"""The operator's kill switch over all machines of all tenants, by its command."""

import subprocess
import sys

import pytest

from tests.product.people import Person, sign_in
from tests.product.running import ROOT, Product

pytestmark = pytest.mark.cloud


def test_the_operator_stops_writing_everywhere_and_allows_it_again(product: Product) -> None:
    owner = sign_in(product, "owner")
    machine = product.machines()[0]["id"]
    assert stopped(owner, machine) == []
    said = command(product, "stop")
    tenants = {user["tenant"] for user in product.endpoints["users"]}
    assert all(f"{tenant}: writing stopped" in said for tenant in tenants)
    try:
        assert stopped(owner, machine) == ["everyone"]
    finally:
        command(product, "allow")
    assert stopped(owner, machine) == []


def stopped(person: Person, machine: str) -> object:
    status, answer = person.rest("GET", f"/machines/{machine}/writing")
    assert status == 200, answer
    return answer["stopped"]


def command(product: Product, what: str) -> str:
    arguments = [sys.executable, "-m", "cli.main", "writing", what, "--local"]
    arguments += ["--endpoints", str(product.endpoints_path)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
