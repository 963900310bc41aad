"""A fresh computer becomes a gateway by its claim, whatever happens on the way; over real TLS to our broker."""

import asyncio
import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from greengrass_components.edge_kit.config import BadConfig, Bootstrap, read_bootstrap
from greengrass_components.edge_kit.enrol import Claim, enrol
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.exchange import Exchange, Pending, Refused
from greengrass_components.edge_kit.identity.keys import Credentials
from greengrass_components.edge_kit.link import LinkError
from greengrass_components.edge_kit.mqtt_link import MqttLink
from tests.edge_kit.fakes import eventually
from tests.edge_kit.provisioned import SITE, TENANT, THING, TOKEN, Cloud, provisioning_cloud


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with provisioning_cloud(tmp_path) as made:
        made.rows.expect(TOKEN, THING)
        yield made


@pytest.fixture
async def claim(cloud: Cloud) -> Claim:
    return await asyncio.to_thread(cloud.claim)


async def connects(bootstrap: Bootstrap) -> MqttLink:
    link = MqttLink(bootstrap)
    await link.start([bootstrap.down("cmd")], lambda topic, payload: None, lambda: None)
    await eventually(lambda: link.connected)
    return link


async def test_a_gateway_enrols_itself_and_connects(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    made = await enrol(claim, tmp_path / "gateway")
    assert (made.thing, made.tenant, made.site, made.template) == (THING, TENANT, SITE, cloud.template)
    files = (made.data / name for name in ("private.pem.key", "certificate.pem.crt", "bootstrap.toml"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert cloud.broker.registry.thing(THING).attributes == {"tenant": TENANT, "site": SITE}
    assert cloud.broker.registry.groups_of(THING) == [cloud.template]
    assert cloud.asked[0]["source"].endswith(f":provisioningtemplate/{cloud.template}")
    assert not (made.data / "identity" / "enrolment.json").exists()
    link = await connects(made)
    await link.publish(made.up("gateway_identity"), b"{}")
    await link.close()


async def test_enrolling_again_changes_nothing(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    first = await enrol(claim, tmp_path / "gateway")
    assert await enrol(claim, tmp_path / "gateway") == first
    assert len(cloud.asked) == 1


async def test_the_command_enrols(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "greengrass_components.edge_kit.enrol", "--claim", str(claim.ca.parent), "--data"]
    done = await asyncio.to_thread(
        subprocess.run, [*command, str(tmp_path / "gateway")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert THING in done.stdout
    assert read_bootstrap(tmp_path / "gateway" / "bootstrap.toml").thing == THING


async def test_the_command_killed_while_it_asks_goes_on(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    data = tmp_path / "gateway"
    command = [sys.executable, "-m", "greengrass_components.edge_kit.enrol", "--claim", str(claim.ca.parent), "--data"]
    process = await asyncio.create_subprocess_exec(*command, str(data), stderr=subprocess.DEVNULL)
    await eventually((data / "identity" / "enrolment.json").exists)
    process.kill()
    await process.wait()
    assert (await enrol(claim, data)).thing == THING
    assert len(cloud.active()) == 1


@pytest.mark.parametrize("token", ["cnce_other", "x" * 5000, "é𝄞"])
async def test_a_token_that_is_not_ours_is_refused(cloud: Cloud, tmp_path: Path, token: str) -> None:
    claim = await asyncio.to_thread(cloud.claim, token)
    with pytest.raises(Refused, match="AccessDenied"):
        await enrol(claim, tmp_path / "gateway")
    assert cloud.active() == []
    assert cloud.broker.registry.find_thing(THING) is None


async def test_a_token_works_for_one_key_alone(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    await enrol(claim, tmp_path / "gateway")
    with pytest.raises(Refused, match="AccessDenied"):
        await enrol(claim, tmp_path / "thief")
    assert len(cloud.active()) == 1


class Killed(Exception):
    """Stands for the end of the process."""


class Steps:
    """Counts every step that leaves a trace, in the cloud or on disk, and ends the process before or after one."""

    def __init__(self, link: MqttLink, at: int, *, after: bool) -> None:
        self.link, self.at, self.after, self.count = link, at, after, 0

    def _passed(self, *, after: bool) -> None:
        if after is self.after and self.count == self.at:
            raise Killed
        self.count += after

    async def request(self, topic: str, payload: bytes) -> tuple[bool, bytes]:
        self._passed(after=False)
        answer = await self.link.request(topic, payload)
        self._passed(after=True)
        return answer

    def write(self, path: Path, data: bytes) -> None:
        self._passed(after=False)
        write_atomic(path, data)
        self._passed(after=True)


#: key kept, certificate asked for, certificate kept, registered
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(4))
async def test_killed_at_any_step_it_is_one_gateway_with_one_certificate(
    cloud: Cloud, claim: Claim, tmp_path: Path, at: int, after: bool
) -> None:
    data = tmp_path / "gateway"
    path = data / "identity" / "enrolment.json"
    made = Bootstrap("enrol-1", "", "", tmp_path / "x", endpoint="localhost", port=claim.port, ca=claim.ca,
                     cert=claim.cert, key=claim.key)  # fmt: skip
    link = MqttLink(made)
    await link.start([], lambda topic, payload: None, lambda: None)
    await eventually(lambda: link.connected)
    steps = Steps(link, at, after=after)
    with pytest.raises(Killed):
        await Exchange(steps, claim.template, path, claim.token, write=steps.write).run()
    await link.close()
    enrolled = await enrol(claim, data)
    assert enrolled.thing == THING
    assert [thing.name for thing in cloud.broker.registry.things()] == [THING]
    assert len(cloud.active()) == 1
    await (await connects(enrolled)).close()


async def test_killed_while_it_writes_its_files_it_begins_again(cloud: Cloud, claim: Claim, tmp_path: Path) -> None:
    made = await enrol(claim, tmp_path / "gateway")
    (made.data / "bootstrap.toml").unlink()
    held = Credentials((made.data / "certificate.pem.crt").read_text(), (made.data / "private.pem.key").read_text())
    pending = {"key": held.key, "certificate": "", "ownership": ""}
    write_atomic(made.data / "identity" / "enrolment.json", json.dumps(pending).encode())
    again = await enrol(claim, tmp_path / "gateway")
    assert again.thing == THING
    await (await connects(again)).close()
    # A second certificate for the same key: the first ends as soon as the gateway says which one it speaks with.
    certificate = (made.data / "certificate.pem.crt").read_text()
    held_now = next(one for one in cloud.active() if cloud.broker.registry.certificate(one).pem == certificate)
    cloud.settle(held_now)
    assert len(cloud.active()) == 1


async def test_a_certificate_that_waited_too_long_is_asked_for_again(
    cloud: Cloud, claim: Claim, tmp_path: Path
) -> None:
    path = tmp_path / "gateway" / "identity" / "enrolment.json"
    made = await enrol(claim, tmp_path / "first")
    key = (made.data / "private.pem.key").read_text()
    certificate = (made.data / "certificate.pem.crt").read_text()
    write_atomic(path, json.dumps({"key": key, "certificate": certificate, "ownership": "ended"}).encode())
    assert (await enrol(claim, tmp_path / "gateway")).thing == THING


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"key": 5}', b"\xff"])
async def test_what_was_kept_and_cannot_be_read_is_begun_anew(
    cloud: Cloud, claim: Claim, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "gateway" / "identity" / "enrolment.json"
    write_atomic(path, data)
    assert Pending.load(path) is None
    assert (await enrol(claim, tmp_path / "gateway")).thing == THING


class Lying:
    """A cloud whose answers are not what they should be."""

    def __init__(self, answer: Callable[[str], tuple[bool, bytes]]) -> None:
        self.answer = answer

    async def request(self, topic: str, payload: bytes) -> tuple[bool, bytes]:
        return self.answer(topic)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"certificatePem": 1}', b"\xff", b"[" * 100_000])
async def test_answers_that_make_no_sense_are_refused(tmp_path: Path, answer: bytes) -> None:
    with pytest.raises(Refused):
        await Exchange(Lying(lambda topic: (True, answer)), "t", tmp_path / "p.json").run()


async def test_a_claim_that_has_ended_is_told_within_the_wait(
    cloud: Cloud, claim: Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greengrass_components.edge_kit.enrol.CONNECT_TIMEOUT_S", 0.5)
    for one in cloud.broker.registry.db.execute("SELECT id FROM certificate").fetchall():
        cloud.broker.registry.set_status(one[0], "INACTIVE")
    with pytest.raises(LinkError, match="no connection to localhost"):
        await enrol(claim, tmp_path / "gateway")


@pytest.mark.parametrize("text", ["", "port = 1", 'endpoint = "x"', "= x", 'endpoint = 5\nport = "x"'])
def test_a_claim_that_cannot_be_used_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "claim.toml").write_text(text)
    with pytest.raises(BadConfig, match=r"claim\.toml"):
        Claim.read(tmp_path)
