"""Renewing the certificate of a running gateway, over the link it has, before its time is up.

1. A new key and a new certificate for it, as at enrolment; the one in use stays valid.
2. The relay connects with the new one and says so (`gateway_identity`): the cloud ends those before it.
3. Until then, a certificate that does not connect within ten minutes gives way to the other.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.config import BadConfig, Bootstrap
from greengrass_components.edge_kit.identity import renewed
from greengrass_components.edge_kit.identity.exchange import Asking, Exchange, Refused
from greengrass_components.edge_kit.identity.keys import renew_at
from greengrass_components.edge_kit.link import Link, LinkError

log = logging.getLogger(__name__)

STEP_S: Final = 5.0
#: How often a gateway says with which certificate it speaks, so that a word that was lost is said again.
SAYS_EVERY_S: Final = 86_400.0
SAYS_AGAIN_S: Final = 60.0
ASKS_EVERY: Final = timedelta(hours=6)
GIVES_WAY_AFTER_S: Final = 600.0
CHANNEL: Final = "gateway_identity"


@dataclass(slots=True)
class Renewal:
    """`reopen` is called when the link must be made anew, with other credentials."""

    bootstrap: Bootstrap
    link: Link
    asking: Asking
    reopen: Callable[[], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic_s: Callable[[], float] = time.monotonic
    _say_at_s: float = field(default=0.0)
    _alive_s: float = field(default=0.0)
    _ask_again_at: datetime | None = None

    def __post_init__(self) -> None:
        self._alive_s = self._say_at_s = self.monotonic_s()

    async def step(self) -> None:
        """A few times a minute. Raises nothing: a gateway goes on with the certificate it has."""
        try:
            if self.link.connected:
                self._alive_s = self.monotonic_s()
                await self._say()
                await self._renew()
            else:
                self._give_way()
        except LinkError as error:
            log.warning("certificate: %s", error)
        except (OSError, BadConfig, ValueError) as error:
            log.error("certificate: %s", error)

    async def _say(self) -> None:
        now_s = self.monotonic_s()
        if now_s < self._say_at_s:
            return
        self._say_at_s = now_s + SAYS_AGAIN_S
        await self.link.publish(self.bootstrap.up(CHANNEL), json.dumps({"v": 1}).encode())
        self._say_at_s = now_s + SAYS_EVERY_S
        found = renewed.load(self.bootstrap)
        if found is None or found.proven:
            return
        if found.falls_back:
            log.error("the renewed certificate did not connect and is given up")
            renewed.path_of(self.bootstrap).unlink()
            self._ask_again_at = self.now() + ASKS_EVERY
        else:
            renewed.save(self.bootstrap, replace(found, proven=True))
            log.info("connected with the renewed certificate")

    async def _renew(self) -> None:
        now = self.now()
        if not self.bootstrap.template or now < renew_at(renewed.credentials(self.bootstrap).certificate):
            return
        if self._ask_again_at is not None and now < self._ask_again_at:
            return
        self._ask_again_at = now + ASKS_EVERY
        path = self._pending
        try:
            granted = await Exchange(self.asking, self.bootstrap.template, path).run()
        except Refused as refused:
            log.error("the certificate was not renewed: %s", refused)
            return
        if granted.thing != self.bootstrap.thing:
            log.error("the certificate was not renewed: it is for %s, this is %s", granted.thing, self.bootstrap.thing)
            path.unlink()
            return
        renewed.save(self.bootstrap, renewed.following(self.bootstrap, granted.credentials))
        path.unlink()
        log.info("certificate renewed, connecting with it")
        self.reopen()

    def _give_way(self) -> None:
        if self.monotonic_s() - self._alive_s < GIVES_WAY_AFTER_S:
            return
        self._alive_s = self.monotonic_s()
        found = renewed.load(self.bootstrap)
        if found is not None and not found.proven:
            renewed.save(self.bootstrap, replace(found, falls_back=not found.falls_back))
            log.warning("no connection for ten minutes, trying the other certificate")
            self.reopen()

    @property
    def _pending(self) -> Path:
        return self.bootstrap.data / "identity" / "pending.json"
