"""Sessions over the maker's library, for sources whose configuration says `"backend": "vendor"`."""

from pathlib import Path

from greengrass_components.focas.client.sessions import Sessions
from greengrass_components.focas.errors import Unreachable
from greengrass_components.focas.vendor.client import VendorClient
from greengrass_components.focas.vendor.library import Library


def vendor_sessions(path: Path | None) -> Sessions:
    """The library is loaded at the first contact. Which file that is, only the gateway itself says."""
    loaded: list[Library] = []

    async def connect(host: str, port: int, *, timeout_s: float) -> VendorClient:
        if path is None:
            raise Unreachable(
                "this source asks for the maker's library and none is given: start the component with --library PATH, "
                'or set "backend" to "wire"'
            )
        if not loaded:
            loaded.append(Library(path))
        return await VendorClient.connect(loaded[0], host, port, timeout_s=timeout_s)

    return Sessions(connect)
