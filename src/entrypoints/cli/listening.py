"""Where the service listens, and the link that leads there."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final
from urllib.parse import quote

from repo2docker_service.entrypoints.cli.configuration import BadConfiguration

BACKLOG: Final = 2**14
"""Connections that may come at once; systems allow some thousands, and are asked for all of them."""


def listen(ip: str, port: int) -> socket.socket:
    """Open the socket before anything else is started.

    Raises:
        BadConfiguration: that address and port cannot be had.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            ip or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise BadConfiguration(f"{ip!r} is no address of this machine. Give another one with --ip.") from None
    except OSError as error:
        raise BadConfiguration(_problem(error, ip, port)) from None


def _problem(error: OSError, ip: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {ip} is in use. Give another one with --port, or --port=0 for a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} needs an administrator. Give one from 1024 on with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{ip} is no address of this machine. Give another one with --ip."
    return f"Port {port} on {ip} cannot be listened on: {error.strerror}."


def link(listener: socket.socket, base_url: str, token: str = "") -> str:
    """Give the address of the page; with a token, one that signs in.

    The token stands behind ``#``: what follows that is never sent, so it comes into no log.
    """
    host, port = listener.getsockname()[:2]
    fragment = f"#token={quote(token, safe='')}" if token else ""
    return f"http://{_reachable(host)}:{port}{base_url}{fragment}"


def is_local(listener: socket.socket) -> bool:
    """Whether only this machine can connect."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def _reachable(host: str) -> str:
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return f"[{host}]" if address.version == 6 else host
