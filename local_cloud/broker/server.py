"""Puts the broker together: registry, router, feed of the rules engine, TLS listener and control port."""

import asyncio
import logging
from pathlib import Path

from aiohttp import web
from mqtt5 import DisconnectReasonCode

from local_cloud.broker.connection import Connection
from local_cloud.broker.control import Control
from local_cloud.broker.faults import Faults
from local_cloud.broker.pki import Authority, server_context
from local_cloud.broker.provisioning import Provisioning
from local_cloud.broker.registry import Registry
from local_cloud.broker.retained import RetainedMessages, Shadows
from local_cloud.broker.router import Router
from local_cloud.broker.rule_feed import Feed
from local_cloud.broker.shadows import ShadowService
from local_cloud.broker.templates import Template
from local_cloud.cloud import Cloud
from local_cloud.rules.meter import report
from local_cloud.service_client import ServiceClient

log = logging.getLogger(__name__)
CLOSE_S = 2.0


class Broker:
    """The whole broker process. `start` listens; `close` says goodbye to all clients (SERVER_SHUTTING_DOWN)."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.arn_prefix = f"arn:{cloud.partition}:iot:{cloud.region}:{cloud.account}:"
        chaos = cloud.chaos
        self.registry = Registry(Path(cloud.data_dir) / "broker" / "registry.sqlite")
        for policy in cloud.of("AWS::IoT::Policy"):
            self.registry.declare_policy(policy.physical_id, policy.properties["PolicyDocument"])
        self.feed = Feed(cloud.ports.rules, Faults(chaos.seed, chaos.duplicate, chaos.reorder))
        faults = Faults(chaos.seed + 1, chaos.duplicate, chaos.reorder)
        self.router = Router(RetainedMessages(self.registry.db), self.feed, faults)
        self.shadows = ShadowService(Shadows(self.registry.db), self.router)
        self.authority, self.client = Authority.load(cloud.pki), ServiceClient(cloud, principal="iot.amazonaws.com")
        self.registry.groups = {group.physical_id for group in cloud.of("AWS::IoT::ThingGroup")}
        templates = {one.physical_id: Template.of(one) for one in cloud.of("AWS::IoT::ProvisioningTemplate")}
        key = cloud.session_key.encode()
        made = Provisioning(self.registry, self.authority, self.router, self.client, templates, self.arn_prefix, key)
        self.router.reserved = [self.shadows, made]
        self.connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        context = server_context(self.cloud.pki)
        self.feeding = asyncio.create_task(self.feed.run())
        self.metering = asyncio.create_task(report(self.cloud.aws_url, lambda: {"messages": self.router.messages}))
        self.server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.cloud.ports.broker_tls, ssl=context, ssl_handshake_timeout=10
        )
        self.tls_port: int = self.server.sockets[0].getsockname()[1]
        control = Control(
            registry=self.registry,
            authority=self.authority,
            router=self.router,
            shadows=self.shadows,
            arn_prefix=self.arn_prefix,
            endpoint=f"localhost:{self.tls_port}",
        )
        self.runner = web.AppRunner(control.application(), access_log=None)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self.cloud.ports.broker_control)
        await site.start()
        self.control_port: int = self.runner.addresses[0][1]

    async def close(self) -> None:
        self.server.close()
        self.feeding.cancel()
        self.metering.cancel()
        self.router.close_all(DisconnectReasonCode.SERVER_SHUTTING_DOWN)
        if self.connections:
            await asyncio.wait(self.connections, timeout=CLOSE_S)
        for task in self.connections:
            task.cancel()
        await self.runner.cleanup()
        await self.client.close()
        self.registry.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served by a task")
        self.connections.add(task)
        try:
            await Connection(
                reader, writer, router=self.router, registry=self.registry, arn_prefix=self.arn_prefix
            ).run()
        except Exception:
            log.exception("connection failed")
            writer.transport.abort()
        finally:
            self.connections.discard(task)
