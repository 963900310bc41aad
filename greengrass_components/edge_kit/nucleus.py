"""What a component tells the Greengrass nucleus: that it works, or that it does not, so that it may be rolled back.

Recipes start components by `Startup`: the nucleus waits for RUNNING, and takes a deployment back when a component says
ERRORED, ends with another code than 0, or says nothing for too long (three times, then it is BROKEN).
A plain process has no nucleus, and nobody is told.
"""

import asyncio
import errno
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from greengrass_components.edge_kit.in_time import in_time

log = logging.getLogger(__name__)

#: Less than the recipe's timeout of `Startup`, so that the reason stands in the log.
SELF_CHECK_S: Final = 60.0
TELL_TIMEOUT_S: Final = 10.0
_SOCKET, _TOKEN = "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT", "SVCUID"
#: What no other version of a component would do better at.
_FAULTS_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

State = Literal["RUNNING", "ERRORED"]


def below_nucleus(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started by a nucleus."""
    return _SOCKET in environment and _TOKEN in environment


async def tell(state: State) -> None:
    """Say how this component is. A nucleus that does not answer is logged: it will judge by itself."""
    if not below_nucleus():
        return
    try:
        await in_time(TELL_TIMEOUT_S, asyncio.to_thread(_tell, state))
    except Exception as error:  # noqa: BLE001  the client raises whatever its socket and the nucleus raise
        log.error("the nucleus was not told of %s: %s", state, error or "no answer")


def _tell(state: State) -> None:
    from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2

    client = GreengrassCoreIPCClientV2()
    try:
        client.update_state(state=state)
    finally:
        client.close()


@dataclass(slots=True)
class SelfCheck:
    """Passed once the component does its work; failed when that takes too long."""

    within_s: float = SELF_CHECK_S
    failed: bool = False
    _passed: asyncio.Event = field(default_factory=asyncio.Event)

    def passed(self) -> None:
        self._passed.set()

    def hindered(self, error: OSError) -> None:
        """A full or read-only disk is told elsewhere, and is no reason to take this version back."""
        if error.errno in _FAULTS_OF_THE_DISK:
            self.passed()

    async def run(self, stop: asyncio.Event) -> None:
        """Tells the nucleus how it went, and sets `stop` when it failed."""
        try:
            await in_time(self.within_s, self._passed.wait())
        except TimeoutError:
            log.error("not at work within %.0f s", self.within_s)
            self.failed = True
            await tell("ERRORED")
            stop.set()
        else:
            await tell("RUNNING")
