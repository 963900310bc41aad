"""`python -m greengrass_components.relay --bootstrap FILE`; below the Greengrass nucleus with its own arguments."""

import asyncio
import sys
from collections.abc import Sequence

from cnc.domain.base.errors import MalformedMessage
from greengrass_components.edge_kit.config import BadConfig, Bootstrap
from greengrass_components.edge_kit.link import open_link
from greengrass_components.edge_kit.nucleus import SelfCheck
from greengrass_components.edge_kit.pace import pace_of
from greengrass_components.edge_kit.runtime import begun, settle, stop_on_signals
from greengrass_components.relay.relay import open_relay


async def run(bootstrap: Bootstrap) -> bool:
    """Until SIGTERM, SIGINT or the end of the parent; False when it did not come to work."""
    settle()
    stop, check = stop_on_signals(), SelfCheck()
    checking = asyncio.create_task(check.run(stop))
    try:
        pace = pace_of(bootstrap.shop_clock)
        while await open_relay(bootstrap, link=open_link(bootstrap), pace=pace, at_work=check.passed).run(stop):
            pass
    finally:
        checking.cancel()
    return not check.failed


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 2 for a bootstrap or marks that cannot be used, 1 for a relay that did not come to work, else 0."""
    bootstrap = begun("relay", argv)
    if bootstrap is None:
        return 2
    try:
        works = asyncio.run(run(bootstrap))
    except (BadConfig, MalformedMessage) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if works else 1


if __name__ == "__main__":
    raise SystemExit(main())
