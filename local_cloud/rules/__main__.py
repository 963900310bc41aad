"""The `rules` process."""

import asyncio
import logging

import aiohttp

from local_cloud.cloud import Cloud
from local_cloud.process import Closer, run
from local_cloud.rules.actions import Services
from local_cloud.rules.engine import Engine, load
from local_cloud.rules.meter import report
from local_cloud.rules.server import RulesServer
from local_cloud.service_client import ServiceClient


async def main(cloud: Cloud) -> Closer:
    client = ServiceClient(cloud, principal="iot.amazonaws.com")
    http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
    services = Services(client, http, f"http://127.0.0.1:{cloud.ports.broker_control}")
    engine = Engine(load(cloud.of("AWS::IoT::TopicRule"), services=services), cloud.account)
    server = RulesServer(engine.handle)
    await server.start(cloud.ports.rules)

    def counters() -> dict[str, int]:
        return {"rules_triggered": engine.triggered, "rule_actions": engine.actions}

    metering = asyncio.create_task(report(cloud.aws_url, counters))

    async def close() -> None:
        metering.cancel()
        await server.close()
        await client.close()
        await http.close()

    return close


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(main)
