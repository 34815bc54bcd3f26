"""Bounds what a connection may send, and for how long, before anybody knows who is there.

The web server bounds neither the head of a request nor the time that one takes: a few thousand connections that send a
byte now and then would hold all that there may be, and one that sends a header without end all memory.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from repo2docker_service.entrypoints.http.errors import plain_problem
from repo2docker_service.entrypoints.http.middleware import LONGEST_BODY, SECURITY_HEADERS

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request before its body; tokens, cookies and addresses have far less."""
LONGEST_REQUEST: Final = 2 * LONGEST_BODY
"""Bytes after the head: a body has half of it at most, but may come in small pieces, each with a head of its own."""


class BoundedConnection(HttpToolsProtocol):
    """A connection of the web server that is closed when a request is too long, or too long in coming."""

    patience: ClassVar[float] = 60.0
    """Seconds in which a request must have come, from its first byte on; the first one from the connection on."""

    _seen: object = None
    """What the server made of the newest head."""
    _in_head = True
    _received = 0
    """Bytes of the head that is coming, or after a head."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

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

    def _wait_no_longer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

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


def _answer(status: HTTPStatus, sentence: str) -> bytes:
    response = plain_problem(status, sentence, {"Connection": "close", **SECURITY_HEADERS}).response()
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode())]
    lines += [b"%b: %b" % pair for pair in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
