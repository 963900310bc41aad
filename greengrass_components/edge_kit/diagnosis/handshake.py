"""Sentences about a peer that does not shake hands, the same for every protocol."""

from typing import Final

from greengrass_components.edge_kit.diagnosis.network import Service
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, refusal
from greengrass_components.edge_kit.diagnosis.stream import PeerError, shown, speaker

NAME: Final = "handshake"
OTHER: Final = "other service"


def disappointed(error: PeerError, service: Service, port: int, ms: float) -> Finding:
    """The peer did not answer, or broke off."""
    if service.name not in (speaker(error.got) or service.name):
        return stranger(error.got, service, port, ms)
    todo = {
        "silent": (
            f"something accepts connections on port {port} and says nothing: a device that waits for another protocol, "
            f"or one whose connections are all in use; close other {service.name} programs, restart the device's "
            f"Ethernet function, and check that {service.setting}"
        ),
        "half": (
            "an answer that stops in the middle points to a firewall that inspects traffic, a wrong MTU on a VPN, or "
            f"a device that is no {service.name} server: try from a computer beside the machine"
        ),
        "closed": (
            f"the connection is accepted and closed: check that port {port} is that of {service.name} (usual is "
            f"{service.port}), that no access list of the device keeps this computer out, and that no proxy is between"
        ),
        "reset": (
            f"the device or a firewall cut the connection: check access lists, and that port {port} is that of "
            f"{service.name} (usual is {service.port})"
        ),
    }[error.kind]
    return refusal(Layer.HANDSHAKE, NAME, str(error), todo, ms)


def stranger(raw: bytes, service: Service, port: int, ms: float) -> Finding:
    """The peer speaks another language."""
    return other(speaker(raw) or f"something that is no {service.name} server", raw, service, port, ms)


def other(who: str, raw: bytes, service: Service, port: int, ms: float) -> Finding:
    """It is known who the peer is: somebody else."""
    todo = (
        f"port {port} belongs to another service of this device; {service.name} usually listens on {service.port}: "
        f"{service.setting}"
    )
    seen = f"{who} answered{f': {shown(raw)}' if raw else ''}"
    return refusal(Layer.HANDSHAKE, OTHER, seen, todo, ms)
