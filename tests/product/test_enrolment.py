"""A computer becomes a gateway of the running product, by the two commands that people are told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product.running import ROOT, Product, until

pytestmark = pytest.mark.cloud


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)


def claim(product: Product, folder: Path) -> "subprocess.CompletedProcess[str]":
    mqtt = product.endpoints["mqtt"]
    where = ("--local", "--endpoints", str(product.endpoints_path), "--tenant", mqtt["tenant"], "--site", mqtt["site"])
    return run("cli.main", "enrol-token", *where, "--name", "New hall", "--out", str(folder))


def test_a_gateway_enrols_gets_its_configuration_and_is_known_by_its_own_certificate(
    product: Product, tmp_path: Path
) -> None:
    made = claim(product, tmp_path / "claim")
    assert made.returncode == 0, made.stderr
    again = claim(product, tmp_path / "claim")
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    enrol = ("greengrass_components.edge_kit.enrol", "--claim", str(tmp_path / "claim"), "--data")
    done = run(*enrol, str(tmp_path / "gateway"))
    assert done.returncode == 0, done.stderr
    thing = done.stdout.split()[0]
    assert thing in made.stdout

    stolen = run(*enrol, str(tmp_path / "thief"))
    assert (stolen.returncode, "AccessDenied" in stolen.stderr) == (2, True)

    bootstrap = str(tmp_path / "gateway" / "bootstrap.toml")
    relay = subprocess.Popen(
        [sys.executable, "-m", "greengrass_components.relay", "--bootstrap", bootstrap], stderr=subprocess.DEVNULL
    )
    try:
        config = tmp_path / "gateway" / "config.json"
        until(config.exists, within_s=30, what="the configuration comes")
    finally:
        relay.terminate()
        relay.wait(20)
    assert json.loads(config.read_bytes())["thing"] == thing
    iot = product.aws("iot")
    assert iot.describe_thing(thingName=thing)["attributes"]["tenant"] == product.endpoints["mqtt"]["tenant"]
    (principal,) = iot.list_thing_principals(thingName=thing)["principals"]
    found = iot.describe_certificate(certificateId=principal.rpartition("/")[2])["certificateDescription"]
    assert found["certificatePem"] == (tmp_path / "gateway" / "certificate.pem.crt").read_text()
    groups = iot.list_thing_groups_for_thing(thingName=thing)["thingGroups"]
    assert [group["groupName"] for group in groups] == ["cnc-local-gateways"]
