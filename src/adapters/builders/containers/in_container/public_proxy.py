"""A proxy for git, inside its own container: it leads to public addresses and nowhere else.

It speaks SOCKS 5 (RFC 1928), which leaves it to the proxy to look names up. Each is looked up once for each connection,
and what was checked is what is connected to: whoever owns a name cannot give another answer in between.
"""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import threading
from collections.abc import Iterator
from ipaddress import ip_address

from repo2docker_service.adapters.addresses import MetadataAddress, PrivateAddress, check_address_policy

from .socket_filter import copy

PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
EXCEPTIONS = ("no_proxy", "NO_PROXY")
PATIENCE = 10.0
"""Seconds that each address of a host has to take a connection."""
MOST_TRIED = 6
VERSION = 5
CONNECT = 1
NO_PASSWORD = b"\5\0"
NO_WAY_IN = b"\5\xff"
CONNECTED, NOT_ALLOWED, UNREACHABLE = 0, 2, 4


@contextlib.contextmanager
def only_public() -> Iterator[None]:
    """Let git, and git-lfs, connect to public addresses only.

    Where the environment names a proxy, all goes there, and it is for that one to refuse what is private.
    """
    if any(os.environ.get(name) for name in PROXIES):
        yield
        return
    before = dict(os.environ)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as proxy:
        proxy.daemon_threads, proxy.block_on_close = True, False
        threading.Thread(target=proxy.serve_forever, args=(0.1,), daemon=True).start()
        os.environ.update(variables(proxy.server_address[1]))
        try:
            yield
        finally:
            proxy.shutdown()
            os.environ.clear()
            os.environ.update(before)


def variables(port: int) -> dict[str, str]:
    """Add a setting to those that git is given by variables."""
    count = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    return {
        f"GIT_CONFIG_KEY_{count}": "http.proxy",
        f"GIT_CONFIG_VALUE_{count}": f"socks5h://127.0.0.1:{port}",
        "GIT_CONFIG_COUNT": str(count + 1),
        **dict.fromkeys(EXCEPTIONS, ""),
    }


class Conversation(socketserver.BaseRequestHandler):
    """One connection that git asks for, from the greeting to its end."""

    request: socket.socket

    def handle(self) -> None:
        """Connect where it is asked for, and pass bytes both ways."""
        # Whoever speaks anything else than SOCKS, or leaves, is not answered.
        with contextlib.suppress(OSError, ValueError):
            host, port = self._asked()
            there = self._connected(host, port)
            if there is not None:
                with there:
                    self._pass(there)

    def _asked(self) -> tuple[str, int]:
        """Read where to connect to."""
        self._require_version()
        methods = self._read(self._read(1)[0])
        self.request.sendall(NO_PASSWORD if 0 in methods else NO_WAY_IN)
        self._require_version()
        command, _, kind = self._read(3)
        if command != CONNECT:
            raise ValueError(command)
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, self._read(4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, self._read(16))
        else:
            host = self._read(self._read(1)[0]).decode("ascii")
        return host, int.from_bytes(self._read(2), "big")

    def _connected(self, host: str, port: int) -> socket.socket | None:
        """Connect to a host if it may be contacted; else tell git, and the log, why not."""
        try:
            there = connect(checked(host, port), port)
        except MetadataAddress:
            code, sentence = NOT_ALLOWED, f"git was kept from {host}: a cloud gives out credentials there."
        except PrivateAddress:
            code, sentence = NOT_ALLOWED, f"git was kept from {host}: it leads into a private network."
        except (socket.gaierror, ValueError):
            # In the words of git, which does not get to know it.
            code, sentence = UNREACHABLE, f"Could not resolve host: {host}"
        except OSError as error:
            code, sentence = UNREACHABLE, f"Failed to connect to {host} port {port}: {error.strerror or error}"
        else:
            self._answer(CONNECTED)
            return there
        # In one piece, since repo2docker writes as well.
        print("".join(filter(str.isprintable, sentence)) + "\n", end="", flush=True)
        self._answer(code)
        return None

    def _answer(self, code: int) -> None:
        self.request.sendall(bytes([VERSION, code, 0, 1]) + bytes(6))

    def _pass(self, there: socket.socket) -> None:
        upward = threading.Thread(target=copy, args=(self.request, there), daemon=True)
        upward.start()
        copy(there, self.request)
        upward.join()

    def _require_version(self) -> None:
        if self._read(1)[0] != VERSION:
            raise ValueError

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.request.recv(count - len(data))
            if not piece:
                raise ConnectionResetError
            data += piece
        return data


def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked(host: str, port: int) -> list[str]:
    """Give the addresses of a host of which each may be contacted."""
    found = look_up(host, port)
    for address in found:
        check_address_policy(ip_address(address), private_allowed=False)
    return found


def connect(addresses: list[str], port: int) -> socket.socket:
    """Connect to the first address that takes it."""
    *early, last = addresses[:MOST_TRIED]
    for address in early:
        with contextlib.suppress(OSError):
            return connection_to(address, port)
    return connection_to(last, port)


def connection_to(address: str, port: int) -> socket.socket:
    """Connect to an address; what is sent then may take its time."""
    made = socket.create_connection((address, port), PATIENCE)
    made.settimeout(None)
    return made
