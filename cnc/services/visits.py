"""Where a request came from, as people know it again in the list of their sessions."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from cnc.services.sessions import MOST_DEVICE, Visit

#: What is kept of an address: enough to tell the shop from elsewhere, and not who sits where.
_KEPT_BITS = {4: 24, 6: 48}


def visit_of(event: Mapping[str, Any]) -> Visit:
    """Of an event of an HTTP API (payload 2.0) or of a WebSocket API's `$connect`."""
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    return Visit(headers.get("user-agent", "")[:MOST_DEVICE], shortened(viewer_of(event)))


def viewer_of(event: Mapping[str, Any]) -> str:
    """The address of the viewer: CloudFront writes it last into the list it sends, API Gateway adds CloudFront's own.

    Earlier entries are what the client says, and are never looked at.
    """
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    request = event.get("requestContext") or {}
    own = (request.get("http") or {}).get("sourceIp") or (request.get("identity") or {}).get("sourceIp") or ""
    return hops[-2] if len(hops) > 1 else str(own or (hops[0] if hops else ""))


def shortened(address: str) -> str:
    """The network an address is in, such as `192.0.2.0/24`; "" for what is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return (
        str(ip_network(f"{parsed}/{_KEPT_BITS[parsed.version]}", strict=False)) if not parsed.is_loopback else "local"
    )
