"""The front's own calls to providers: the same walls as the product's, and the checked address is the one reached."""

from socket import AF_INET, AddressFamily

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from cnc.cloud import safe_fetch
from local_cloud.oidc.federation import outgoing
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.federation.refusal import NotTaken
from tests.local_cloud.gateway.support import serving
from tests.sso.test_safe_fetch import INSIDE, OUTSIDE


class Names(AbstractResolver):
    """Every name has these addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        self.asked += 1
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0}
            for one in self.addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def test_both_lists_of_forbidden_blocks_are_the_same() -> None:
    assert outgoing.FORBIDDEN == safe_fetch.FORBIDDEN


def test_both_judge_addresses_alike() -> None:
    for address in (*INSIDE, *OUTSIDE):
        assert outgoing.is_public(address) is safe_fetch.is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1"])
async def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    reached = []

    async def inside(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/{path:.*}", inside)
    async with serving(app):
        names = Names("93.184.216.34", address)
        calls = Outgoing(loopback=False, resolver=names)
        with pytest.raises(NotTaken):
            await calls.get_json("https://idp.example.com/x")
        await calls.close()
    assert (reached, names.asked) == ([], 1)


@pytest.mark.parametrize(
    "address",
    [
        "http://idp.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://idp.example.com:8443/",
        "https://user@idp.example.com/",
        "https://intranet/",
        "file:///etc/passwd",
        "",
    ],
)
async def test_an_address_that_could_mean_something_inside_is_refused(address: str) -> None:
    names = Names("93.184.216.34")
    calls = Outgoing(loopback=False, resolver=names)
    with pytest.raises(NotTaken):
        await calls.get(address)
    await calls.close()
    assert names.asked == 0


async def test_redirects_floods_and_what_is_no_object_are_failures() -> None:
    async def answer(request: web.Request) -> web.Response:
        match request.path:
            case "/redirect":
                raise web.HTTPFound("/object")
            case "/flood":
                return web.Response(body=b"x" * (outgoing.MAX_BYTES + 1))
            case "/list":
                return web.json_response([1])
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with serving(app) as port:
        calls = Outgoing(loopback=True)
        assert await calls.get_json(f"http://127.0.0.1:{port}/object") == {"ok": True}
        for path in ("redirect", "flood", "list"):
            with pytest.raises(NotTaken):
                await calls.get_json(f"http://127.0.0.1:{port}/{path}")
        with pytest.raises(NotTaken):  # the flag opens this computer, not the network around it
            await calls.get("http://10.0.0.1/")
        await calls.close()
