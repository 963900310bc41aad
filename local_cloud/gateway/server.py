"""Puts the `http` process together and listens on loopback."""

from pathlib import Path

from aiohttp import web

from local_cloud.cloud import Cloud
from local_cloud.gateway import firewall, model
from local_cloud.gateway.app import Gateway
from local_cloud.gateway.front import Front
from local_cloud.gateway.http_api import HttpApis
from local_cloud.gateway.sockets import Sockets
from local_cloud.gateway.static import StaticFiles
from local_cloud.oidc import setup as oidc
from local_cloud.service_client import ServiceClient

GRACE_S = 2.0


class HttpServer:
    """`port` is known after `start`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.apis = ServiceClient(cloud, principal="apigateway.amazonaws.com")
        self.admin = ServiceClient(cloud, principal="cognito-idp.amazonaws.com", credentials=cloud.admin_credentials)
        self.sign_in = oidc.make(cloud, caller=self.admin, origin=cloud.origin)
        self.sockets = Sockets(self.apis)
        gateway = Gateway(
            model.read(cloud),
            apis=HttpApis(self.apis),
            sockets=self.sockets,
            front=Front(self.admin),
            static=StaticFiles(Path(cloud.repository_root) / "portal" / "dist", self.admin),
            key=cloud.service_credentials.secret_access_key,
            origin=cloud.origin,
            firewall=firewall.read(cloud),
        )
        app = gateway.application(also=self.sign_in.routes())
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_S)
        self.port = 0

    async def start(self) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.cloud.ports.http).start()
        self.port = self.runner.addresses[0][1]

    async def close(self) -> None:
        await self.runner.cleanup()
        await self.apis.close()
        await self.admin.close()
        await self.sign_in.close()
