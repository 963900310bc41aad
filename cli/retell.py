"""Tells every gateway where its simulated machines are now: `python -m cli.retell --data DIR --cloud JSON`.

AWS credentials and endpoint come from the environment, as for any program that uses boto3.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli import demo
from cnc.cloud.iot import GatewayChannel
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services import provisioning
from cnc.services.provisioning import ConfigChannel, Shop
from cnc.services.shop import Source

_OWN = ("id", "machine", "component", "period_ms", "simulated")


def sources(document: str, machines: Sequence[dict[str, Any]]) -> tuple[list[Source], bool]:
    """The sources of a configuration document with the ports of today, and whether one differs.

    A source belongs to the row of its machine that has its protocol (and device map); what people made of it
    otherwise stays, and one that they pointed at another host is no longer ours.
    """
    serve = {machine["id"]: machine["serve"] for machine in machines}
    before = [_source(row) for row in json.loads(document)["sources"]]
    after = [_at(source, serve.get(source.machine, ())) for source in before]
    return after, after != before


def _source(row: dict[str, Any]) -> Source:
    settings = {name: value for name, value in row.items() if name not in _OWN}
    return Source(row["id"], row["machine"], row["component"], row["period_ms"], row["simulated"], settings)


def _at(source: Source, rows: Sequence[dict[str, Any]]) -> Source:
    said = source.settings
    for row in rows:
        wanted = (source.component, said.get("host"), said.get("map"))
        if source.simulated and (row["kind"], row["host"], row.get("map")) == wanted:
            return replace(source, settings=said | {"port": row["port"]})
    return source


def tell(held: demo.Demo, *, shop: Shop, channel: ConfigChannel) -> list[str]:
    """Give each gateway whose machines moved its next configuration; answers those gateways."""
    told = []
    for gateway in held.gateways:
        with acting_for(gateway["tenant"]):
            found = shop.gateway(gateway["thing"])
            if found is None:
                continue  # somebody removed it
            now, differs = sources(found.document, held.machines)
            if differs:
                provisioning.configure_gateway(found.id, now, shop=shop, channel=channel)
                told.append(found.id)
    return told


def main(arguments: list[str] | None = None) -> int:
    """Compare every gateway of the data folder with its machines."""
    parser = argparse.ArgumentParser(prog="python -m cli.retell")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cloud", required=True, help="JSON facts of the running cloud")
    options = parser.parse_args(arguments)
    cloud = json.loads(options.cloud)
    clients = Clients(region=os.environ["AWS_REGION"], tenant_role_arn=cloud["operator_role"])
    shop = ShopStore(clients, table=f"cnc-{cloud['stage']}-shop")
    tell(demo.load(options.data), shop=shop, channel=GatewayChannel(clients.tenant("iot-data")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
