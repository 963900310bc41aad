"""One tenant asks for twenty times its quota: how much longer do the others wait?

The whole product with its simulated shops and four tenants. Three ask as a shop does, on a beat, with a key each; their
95th percentile is taken for a minute of quiet and again for three while the fourth floods the same host from the same
address, as fast as twenty times its quota or 64 connections allow. Its onset, until the front stops it, is counted in.
"""

import asyncio
import json
import os
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.figures import Figure
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.domain.rates.plans import PLANS, WINDOW_S
from cnc.services import provisioning
from tests.product.running import Product, running, until

TIMES = 20
QUIET_S, FLOOD_S, WARM_S, ONSET_S = 60.0, 180.0, 20.0, 10.0
BEAT_S = 0.2
CONNECTIONS = 64
LIMIT = 1.2
QUERY = "{ machines(first: 20) { id name execution tileState lastSeen partCount } }"


@dataclass
class Client:
    """HTTP/1.1 on one connection that is kept; `statuses` counts the answers."""

    host: str
    port: int
    request: bytes
    statuses: Counter[int] = field(default_factory=Counter)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    @classmethod
    def of(cls, url: str, *, key: str) -> "Client":
        place = urlsplit(url)
        body = json.dumps({"query": QUERY})
        head = (
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return cls(place.hostname or "", place.port or 80, (head + body).encode())

    async def ask(self) -> float:
        """Seconds until the whole answer was there."""
        began = perf_counter()
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(self.request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        await self._reader.readexactly(length)
        self.statuses[int(head.split(" ", 2)[1])] += 1
        return perf_counter() - began


class Took(NamedTuple):
    """When an answer was due since the beat began, and how long after that it was there, s."""

    due_s: float
    seconds: float


async def beat(clients: Sequence[Client], *, for_s: float) -> list[Took]:
    """Each client asks every BEAT_S, also when an answer is late; an answer is counted from when it was due."""
    took: list[Took] = []
    began = perf_counter()

    async def one(client: Client, offset_s: float) -> None:
        due = began + offset_s
        while due < began + for_s:
            await asyncio.sleep(max(0.0, due - perf_counter()))
            await client.ask()
            took.append(Took(due - began, perf_counter() - due))
            due += BEAT_S

    await asyncio.gather(*(one(client, BEAT_S * n / len(clients)) for n, client in enumerate(clients)))
    return took


async def flood(url: str, key: str, *, per_s: float, for_s: float) -> dict[str, Any]:
    """Ask `per_s` times a second while a connection is free; what was offered and answered."""
    clients = [Client.of(url, key=key) for _ in range(CONNECTIONS)]
    began = perf_counter()
    sent = 0

    async def one(client: Client) -> None:
        nonlocal sent
        while (now := perf_counter()) < began + for_s:
            if sent >= (now - began) * per_s:
                await asyncio.sleep(0.002)
                continue
            sent += 1
            await client.ask()

    await asyncio.gather(*map(one, clients))
    statuses: Counter[int] = Counter()
    for client in clients:
        statuses.update(client.statuses)
    return {"sent": sent, "statuses": dict(statuses)}


def tenants(product: Product, *, wanted: int) -> list[str]:
    """Keys of so many tenants, made by the product's own services beside those of the demo."""
    aws = product.endpoints["aws"]
    os.environ |= {
        "AWS_ENDPOINT_URL": aws["url"],
        "AWS_ACCESS_KEY_ID": aws["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
    }
    own = Clients(region=aws["region"], tenant_role_arn="")
    role = own.own("ssm").get_parameter(Name="/cnc/local/operator-role-arn")["Parameter"]["Value"]
    clients = Clients(region=aws["region"], tenant_role_arn=role)
    shop = ShopStore(clients, table="cnc-local-shop")
    directory = Directory(clients.own("dynamodb"), table="cnc-local-directory")
    keys = [key["key"] for key in product.endpoints["api_keys"]]
    while len(keys) < wanted:
        tenant = provisioning.new_tenant(f"Shop {len(keys)}", random=secrets.token_bytes, now=utc_now())
        with acting_for(tenant.id):
            provisioning.create_tenant(tenant, shop=shop, directory=directory)
            site = provisioning.create_site("Hall", time_zone="UTC", shop=shop, random=secrets.token_bytes)
            for number in range(6):
                provisioning.create_machine(
                    f"Mill {number}", kind="mill", cell="A", site=site.id, shop=shop, random=secrets.token_bytes
                )
            made = provisioning.create_api_key(
                "Board", tenant=tenant.id, scopes=["api"], roles=["developer"], shop=shop, directory=directory,
                random=secrets.token_bytes, now=utc_now(),
            )  # fmt: skip
        keys.append(made.secret)
    return keys[:wanted]


def p95_ms(took: Sequence[Took]) -> float:
    return quantiles([one.seconds for one in took], n=20)[-1] * 1000


async def measured(url: str, keys: Sequence[str]) -> tuple[list[Took], list[Took], dict[str, Any], Counter[int]]:
    """The others' answers in quiet and in the flood, what the flood got, and what the others got."""
    noisy, *others = keys
    clients = [Client.of(url, key=key) for key in others]
    await beat(clients, for_s=WARM_S)
    quiet = await beat(clients, for_s=QUIET_S)
    command = [sys.executable, "-m", "benchmarks.noisy_neighbour", url, noisy]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    during = await beat(clients, for_s=FLOOD_S)
    out, _ = await child.communicate()
    answered: Counter[int] = Counter()
    for client in clients:
        answered.update(client.statuses)
    return quiet, during, json.loads(out), answered


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "--machines", "8", "--no-portal") as product:
        until(lambda: product.machines(), within_s=120, what="machines")
        keys = tenants(product, wanted=4)
        quiet, during, noise, answered = asyncio.run(measured(product.endpoints["graphql"], keys))
    before, after = p95_ms(quiet), p95_ms(during)
    onset = [one for one in during if one.due_s < ONSET_S]
    quota = PLANS["standard"].tenant / WINDOW_S
    offered, statuses = noise["sent"] / FLOOD_S, noise["statuses"]
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    others = ", ".join(f"{count} x {status}" for status, count in sorted(answered.items()))
    return [
        Figure("noisy_neighbour", "others' p95, quiet", before, "ms", note=f"{len(quiet)} answers"),
        Figure("noisy_neighbour", "others' p95, flood", after, "ms", note=f"{len(during)} answers; {others}"),
        Figure("noisy_neighbour", "p95 flood / quiet", after / before, "", LIMIT),
        Figure("noisy_neighbour", f"others' p95, first {ONSET_S:.0f} s of it", p95_ms(onset), "ms"),
        Figure("noisy_neighbour", "flood, times the quota", offered / quota, "", note=told),
    ]


if __name__ == "__main__":
    per_s = PLANS["standard"].tenant / WINDOW_S * TIMES
    print(json.dumps(asyncio.run(flood(sys.argv[1], sys.argv[2], per_s=per_s, for_s=FLOOD_S))))
