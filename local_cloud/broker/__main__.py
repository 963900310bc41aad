"""The `broker` process."""

import logging

from local_cloud.broker.server import Broker
from local_cloud.cloud import Cloud
from local_cloud.process import Closer, run


async def main(cloud: Cloud) -> Closer:
    broker = Broker(cloud)
    await broker.start()
    return broker.close


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(main)
