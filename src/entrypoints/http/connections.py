"""Bounds how many connections there are, what each may send and hold, and for how long it may do nothing.

The web server bounds neither the head of a request nor the time that one takes: a few thousand connections that send a
byte now and then would hold all that there may be, and one that sends a header without end all memory. Nor does it ever
give up a connection that takes no answer: even one that it has closed waits for what was written to be read.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import resource
import socket
from http import HTTPStatus
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from repo2docker_service.entrypoints.http.errors import plain_problem
from repo2docker_service.entrypoints.http.middleware import LONGEST_BODY, SECURITY_HEADERS

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request before its body; tokens, cookies and addresses have far less."""
LONGEST_REQUEST: Final = 2 * LONGEST_BODY
"""Bytes after the head: a body has half of it at most, but may come in small pieces, each with a head of its own."""
_UNSENT: Final = 64 * 1024
"""Bytes of answers that the kernel holds for a connection besides those on their way; by itself it takes megabytes."""
_UNWRITTEN: Final = 4 * 1024
"""Bytes of answers that the kernel has not taken, above which nothing more is made; one piece may be longer."""
_OPEN_FILES: Final = 2**16
"""Each connection is one; systems allow a thousand unless asked, which connections that do nothing would soon hold."""
_MOST: Final = 10_000
"""Connections at once; each costs some kilobytes."""


@functools.cache
def most_connections() -> int:
    """Ask the system for open files, and give how many of them connections may be: builds and pushes need some, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return min(_MOST, allowed // 2)


class BoundedConnection(HttpToolsProtocol):
    """A connection of the web server that is closed when a request is too long, or too long in coming.

    Who takes nothing of an answer is given up, too; and where there are too many, so is who has waited longest to ask.
    """

    patience: ClassVar[float] = 60.0
    """Seconds in which a request must have come, from its first byte on; the first one from the connection on.

    As long may nothing of an answer be taken.
    """
    _waiting: ClassVar[dict[BoundedConnection, None]] = {}
    """Those whose request has not come yet; who has waited longest is the first."""

    _seen: object = None
    """What the server made of the newest head."""
    _in_head = True
    _received = 0
    """Bytes of the head that is coming, or after a head."""
    _deadline: asyncio.TimerHandle | None = None

    @staticmethod
    def most() -> int:
        """Give how many there may be at once."""
        return most_connections()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        _bound_answers(transport, self.patience)
        self._wait()
        if len(self.connections) > self.most():
            next(iter(self._waiting)).make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and see whether it is too much."""
        self._received += len(data)
        self._wait()
        super().data_received(data)
        if self.cycle is not self._seen:
            self._seen, self._in_head, self._received = self.cycle, False, 0
        if not self._in_head and not self.cycle.more_body:
            self._in_head, self._received = True, 0
            self._wait_no_longer()
        elif self._received > (LONGEST_HEAD if self._in_head else LONGEST_REQUEST):
            self._refuse_head()

    def make_room(self) -> None:
        """End at once."""
        self._wait_no_longer()
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request as everything else is answered."""
        # An address of more than so many bytes is none to the parser, where all of it comes at once.
        if self._in_head and self._received > LONGEST_HEAD:
            self._refuse_head()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.patience, self._give_up)
            self._waiting[self] = None

    def _wait_no_longer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
            del self._waiting[self]

    def _give_up(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The request did not come within {self.patience:g} seconds.")

    def _refuse_head(self) -> None:
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"A head has {LONGEST_HEAD} bytes at most.")

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        if self.transport.is_closing():
            return
        # Who has sent nothing has asked nothing; and into an answer that is under way nothing may be written.
        if self._received and self._in_head and (self._seen is None or self.cycle.response_complete):
            self.transport.write(_answer(status, sentence))
        self.transport.close()


def _bound_answers(transport: asyncio.Transport, patience: float) -> None:
    transport.set_write_buffer_limits(high=_UNWRITTEN)
    connection = transport.get_extra_info("socket")
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    for name, value in (("TCP_NOTSENT_LOWAT", _UNSENT), ("TCP_USER_TIMEOUT", int(patience * 1000))):
        # Not every system has both, and the other end may have gone already.
        with contextlib.suppress(AttributeError, OSError):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@functools.cache  # thousands may be given up in one moment
def _answer(status: HTTPStatus, sentence: str) -> bytes:
    response = plain_problem(status, sentence, {"Connection": "close", **SECURITY_HEADERS}).response()
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode())]
    lines += [b"%b: %b" % pair for pair in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
