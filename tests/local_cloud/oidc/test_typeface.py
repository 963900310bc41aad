"""The sign-in pages use the typeface of the built portal, and go without it when there is none."""

from pathlib import Path

import aiohttp

from local_cloud.gateway.server import HttpServer

FONT = b"wOF2 as the portal has it"


async def asked(server: HttpServer) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(f"{server.cloud.origin}/oidc/font.woff2") as answer:
        return answer.status, await answer.read()


async def test_the_font_of_the_portal_is_served_whatever_its_hash(server: HttpServer) -> None:
    assets = Path(server.cloud.repository_root) / "portal" / "dist" / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "archivo-latin-wdth-normal-AbCd1234.woff2").write_bytes(FONT)
    assert await asked(server) == (200, FONT)


async def test_without_a_built_portal_there_is_no_font(server: HttpServer) -> None:
    status, _ = await asked(server)
    assert status == 404
