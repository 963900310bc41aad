"""TCP ports of loopback that nobody has."""

import socket


def free_port(taken: set[int]) -> int:
    """A TCP port of loopback that nobody has, and that calls with the same `taken` give once."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            taken.add(port)
            return port
