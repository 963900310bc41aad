"""The `http` process."""

import logging

from local_cloud.cloud import Cloud
from local_cloud.gateway.server import HttpServer
from local_cloud.process import Closer, run


async def main(cloud: Cloud) -> Closer:
    server = HttpServer(cloud)
    await server.start()
    return server.close


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(main)
