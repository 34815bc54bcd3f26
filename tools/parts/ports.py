"""Ports of this machine for servers that are about to start."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_port() -> int:
    """Find a port on which nobody listens now."""
    [port] = free_ports(1)
    return port


def free_ports(number: int) -> list[int]:
    """Find so many ports on which nobody listens now."""
    with ExitStack() as stack:
        # All are held until the last is found, so that they differ.
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [int(listener.getsockname()[1]) for listener in listeners]
