"""The part of the engine's API that a repo2docker build needs, and nothing else of it.

What that is was recorded from real builds: ``_ping``, ``version``, inspecting an image, and BuildKit's two streams.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading

from .listening import BoundedListener

VERSION = rb"(?:/v1\.[0-9]{1,3})?"
NAME = rb"[A-Za-z0-9](?:[A-Za-z0-9_:@-]|\.(?!\.)|/(?!/))*"
PLAIN = re.compile(
    rb"(?:HEAD|GET) " + VERSION + rb"/_ping"
    rb"|GET " + VERSION + rb"/version"
    rb"|GET " + VERSION + rb"/images/" + NAME + rb"/json(?:\?[A-Za-z0-9=&_.-]*)?"
)
STREAM = re.compile(rb"POST " + VERSION + rb"/(?:grpc|session)")
HEADER = re.compile(rb"[A-Za-z0-9-]+:[\t\x20-\x7e]*")
# All others are left away: one that an engine understands and we do not may turn a request into another.
KEPT = re.compile(rb"(?:host|user-agent|accept|content-type|content-length|x-docker-expose-session-[a-z-]+)")
ONE_REQUEST = (b"Connection: close",)
LEAVE_HTTP = (b"Connection: Upgrade", b"Upgrade: h2c")
LONGEST_HEAD = 32 * 1024
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# What an engine of before API 1.53 says to HTTP/2, which would carry the whole API: clients then take /grpc.
HTTP_2 = b"PRI * HTTP/2.0"
TOO_NEW = b"HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class SocketFilter(BoundedListener):
    """Listens at one path and passes allowed requests on to the socket at another."""

    def __init__(self, path: str, real: str) -> None:
        super().__init__(path)
        self.real = real

    def talk(self, client: socket.socket) -> None:
        """Pass one request on, if it is allowed."""
        head, rest = read_head(client)
        passed = allowed_head(head)
        if passed is None:
            client.sendall(TOO_NEW if head == HTTP_2 else REFUSED)
            return
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.real)
            engine.sendall(passed)
            if is_stream(head):
                relay_stream(client, engine, rest)
            else:
                copy(engine, client)


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read up to the empty line, and what came with it; an over-long head is given back empty."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(8192)
        if not piece or len(data) > LONGEST_HEAD:
            return b"", b""
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def is_stream(head: bytes) -> bool:
    """Whether the request asks for one of BuildKit's streams."""
    return STREAM.fullmatch(request_of(head)) is not None


def request_of(head: bytes) -> bytes:
    """Give method and path; empty when the first line is not a plain HTTP/1.1 request."""
    request, _, version = head.split(b"\r\n", 1)[0].rpartition(b" ")
    return request if version == b"HTTP/1.1" else b""


def allowed_head(head: bytes) -> bytes | None:
    """Give the head to send on, or None when the request is refused.

    A plain request is made to be the last one of its connection, so that no second one can follow unseen, and a stream
    leaves HTTP; none may have a body.
    """
    lines = head.split(b"\r\n")
    if not all(HEADER.fullmatch(line) for line in lines[1:]):
        return None
    names = [line.split(b":", 1)[0].lower() for line in lines[1:]]
    if b"content-length" in names or b"transfer-encoding" in names:
        bodies = [
            line.split(b":", 1)[1].strip()
            for line, name in zip(lines[1:], names, strict=True)
            if name == b"content-length"
        ]
        if b"transfer-encoding" in names or bodies != [b"0"]:
            return None
    if not is_stream(head) and not PLAIN.fullmatch(request_of(head)):
        return None
    kept = [line for line, name in zip(lines[1:], names, strict=True) if KEPT.fullmatch(name)]
    return b"\r\n".join([lines[0], *kept, *(LEAVE_HTTP if is_stream(head) else ONE_REQUEST), b"", b""])


def relay_stream(client: socket.socket, engine: socket.socket, rest: bytes) -> None:
    """Pass bytes both ways once the engine has agreed to leave HTTP; before that it would read further requests."""
    answer, more = read_head(engine)
    if not answer:
        return
    client.sendall(answer + b"\r\n\r\n" + more)
    if not answer.startswith(b"HTTP/1.1 101 "):
        return
    engine.sendall(rest)
    upward = threading.Thread(target=copy, args=(client, engine), daemon=True)
    upward.start()
    copy(engine, client)
    upward.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until the source ends, then say so to the target."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
