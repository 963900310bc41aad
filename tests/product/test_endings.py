"""How the product ends: killed, by Ctrl-C, or before it began; and what is there when it starts again."""

import os
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.local_cloud.oidc.support import Browser
from tests.product.picture import journals, leave_traces, picture
from tests.product.running import ROOT, Product, Refused, free_port, running, until

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(600)]
OPTIONS = ("--machines", "2", "--synthetic", "2", "--no-portal")
END_WITHIN_S = 15
VIEWER = (ROOT / "graphql" / "operations" / "viewer.graphql").read_text()


def family(product: Product) -> list[psutil.Process]:
    """The supervisor and everything below it; what the endpoints file lists is part of it."""
    supervisor = psutil.Process(product.process.pid)
    found = [supervisor, *supervisor.children(recursive=True)]
    workers_aside = {pid for name, pid in product.endpoints["processes"].items() if not name.startswith("lambda:")}
    assert workers_aside <= {process.pid for process in found}
    return found


def alive(processes: list[psutil.Process]) -> list[str]:
    living = [one for one in processes if one.is_running()]
    return [str(one.pid) for one in living if one.status() != psutil.STATUS_ZOMBIE]


def ended(processes: list[psutil.Process]) -> bool:
    try:
        return not alive(processes)
    except psutil.NoSuchProcess:
        return False  # it ended between two looks


def answers(product: Product) -> bool:
    """On a busy computer the first call may end with the time limit of a cold start, as in AWS."""
    try:
        return all(product.machines(tenant=tenant) for tenant in (0, 1))
    except Refused as refused:
        if refused.status < 500:
            raise
        return False


def start_beside(port: int, data: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli.main", "up", "--data", str(data), "--port", str(port), "--no-portal"]
    command += ["--endpoints", str(data / "endpoints.json")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


async def token_of(product: Product, user: dict[str, str]) -> str:
    """Sign in as a person does, by forms and redirects."""
    ssm = product.aws("ssm")
    pool, client = (
        ssm.get_parameter(Name=f"/cnc/local/{name}")["Parameter"]["Value"]
        for name in ("user-pool-id", "oidc-client-id")
    )
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        browser = PoolBrowser(session, product.endpoints["portal"].rstrip("/"))
        browser.pool = pool
        await browser.authorize(client_id=client)
        status, answer = await browser.submit(email=user["email"], password=user["password"])
        assert status == 303, browser.page
        status, tokens = await browser.exchange(answer["code"], client_id=client)
        assert status == 200, tokens
        token: str = tokens["access_token"]
        return token


class PoolBrowser(Browser):
    """The same browser at a pool with a name of its own."""

    pool = ""

    @property
    def issuer(self) -> str:
        return f"{self.origin}/oidc/{urllib.parse.quote(self.pool)}"


@contextmanager
def killed_afterwards(folder: Path, port: int) -> Iterator[Product]:
    """A product whose supervisor gets no chance to end anything."""
    with running(folder, *OPTIONS, port=port) as product:
        yield product
        processes = family(product)
        os.kill(product.process.pid, signal.SIGKILL)
        product.process.wait(END_WITHIN_S)
        until(lambda: ended(processes), within_s=END_WITHIN_S, what="the end of every child")


async def test_everything_is_there_again_after_the_supervisor_was_killed(tmp_path: Path) -> None:
    port = free_port()
    with killed_afterwards(tmp_path, port) as product:
        leave_traces(product)
        until(lambda: journals(product.data), within_s=60, what="the first rows")
        before = picture(product)
        assert before.fixed["messages"]
    (tmp_path / "endpoints.json").unlink()
    with running(tmp_path, *OPTIONS, port=port) as product:
        until(lambda: answers(product), within_s=60, what="an answer after the start")
        after = picture(product)
        for name, value in before.fixed.items():
            assert after.fixed[name] == value, name
        assert before.growing.items() <= after.growing.items()
        assert [name for name, old in before.journals.items() if not after.journals[name].startswith(old)] == []
        for user in product.endpoints["users"]:
            viewer = product.ask({"query": VIEWER}, credential=await token_of(product, user))["data"]["viewer"]
            assert (viewer["tenantId"], viewer["roles"]) == (user["tenant"], [user["role"]])

        refused = start_beside(port, tmp_path / "other")
        assert refused.returncode == 2
        assert refused.stderr.splitlines()[-1].startswith(f"cnc: port {port} is taken")

        processes = family(product)
        os.killpg(product.process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does: the whole group gets it
        assert product.process.wait(30) == 0
        until(lambda: ended(processes), within_s=END_WITHIN_S, what="the end of everything")
        assert not product.endpoints_path.exists()


def test_a_first_start_that_was_killed_is_begun_anew(tmp_path: Path) -> None:
    options = ("--machines", "2", "--no-portal", "--no-simulators")
    log = tmp_path / "first.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "cli.main", "up", "--data", str(tmp_path / "data"), "--port", str(free_port())]
        command += ["--endpoints", str(tmp_path / "first.json")]
        first = subprocess.Popen([*command, *options], cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
        until(lambda: b"Alder Tooling:" in log.read_bytes(), within_s=120, what="one shop of two", every_s=0.02)
        first.kill()
        first.wait(END_WITHIN_S)
    with running(tmp_path, *options) as product:
        until(lambda: answers(product), within_s=60, what="an answer after the start")
