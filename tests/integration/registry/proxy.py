"""A proxy before a registry: it counts what is asked, and misbehaves where a test tells it to."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tools.parts.quiet_server import serving

# They belong to one connection, and there are two.
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    number: int
    """Which one it is on its connection, counted from 1."""
    at: float = field(default_factory=time.monotonic)
    """When it came, by the clock that only goes forward."""

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(slots=True)
class Answer:
    """What is answered; faults may change it."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def drop(self, name: str) -> None:
        """Remove a header."""
        self.headers = [each for each in self.headers if each[0].lower() != name.lower()]

    def put(self, name: str, value: str) -> None:
        """Say this in a header, and nothing else."""
        self.drop(name)
        self.headers.append((name, value))


class Exchange:
    """One request, and the ways to answer it."""

    def __init__(self, request: Request, handler: _Handler) -> None:
        self.request = request
        self._handler = handler

    @property
    def behind(self) -> str:
        """Address of the registry itself, for what no test shall see."""
        return f"http://127.0.0.1:{self._handler.proxy.behind}"

    def forward(self) -> Answer:
        """Ask the registry."""
        return self._handler.ask(self.request)

    def send(self, answer: Answer) -> None:
        """Answer as one should."""
        self.raw(head(answer) + (b"" if self.request.method == "HEAD" else answer.body))

    def raw(self, data: bytes) -> None:
        """Send just these bytes."""
        self._handler.proxy.land(self.request)
        self._handler.wfile.write(data)

    def wait(self, seconds: float) -> None:
        """Let time pass, though not longer than the test lasts."""
        self._handler.proxy.closing.wait(seconds)

    def hang_up(self) -> None:
        """Close the connection when this request is done with."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Drop the connection, so that the client hears of it as an error."""
        linger = struct.pack("ii", 1, 0)
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # At once, before the server takes its leave as one should.
        os.close(connection.detach())
        self._handler.close_connection = True


Fault = Callable[[Exchange], None]


@dataclass
class Rule:
    """What happens to some requests, for as often as it holds; None is for ever."""

    pattern: re.Pattern[str]
    fault: Fault
    times: int | None

    def take(self, request: Request) -> bool:
        """Tell whether it applies now, and use it up once."""
        if self.times == 0 or not self.pattern.match(str(request)):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class RegistryProxy:
    """A running proxy."""

    def __init__(self, behind: int) -> None:
        self.host = ""
        self.url = ""
        self.behind = behind
        self.requests: list[Request] = []
        self.most_in_flight = 0
        self.closing = threading.Event()
        self._rules: list[Rule] = []
        self._in_flight: set[int] = set()
        self._lock = threading.Lock()

    def on(self, pattern: str, fault: Fault, *, times: int | None = None) -> None:
        """Do this with requests whose method and target begin as a regular expression says; the newest rule wins."""
        with self._lock:
            self._rules.insert(0, Rule(re.compile(pattern), fault, times))

    def seen(self, pattern: str = "") -> list[str]:
        """Give the method and target of the requests that begin so."""
        return [str(each) for each in self.requests if re.match(pattern, str(each))]

    def forget(self) -> None:
        """Begin anew: no rules, nothing seen."""
        with self._lock:
            self._rules.clear()
            self.requests.clear()
            self.most_in_flight = 0

    def begin(self, request: Request) -> Fault | None:
        """Note a request, and give what to do with it."""
        with self._lock:
            self.requests.append(request)
            self._in_flight.add(id(request))
            self.most_in_flight = max(self.most_in_flight, len(self._in_flight))
            rule = next((rule for rule in self._rules if rule.take(request)), None)
        return rule.fault if rule else None

    def land(self, request: Request) -> None:
        """Note that a request is about to be answered, before its client can make the next one."""
        with self._lock:
            self._in_flight.discard(id(request))


@contextmanager
def registry_proxy(behind: int, tls: ssl.SSLContext | None = None) -> Iterator[RegistryProxy]:
    """Pass requests on to a port of this machine, from a free port of it."""
    proxy = RegistryProxy(behind)
    with serving(type("Handler", (_Handler,), {"proxy": proxy}), tls) as port:
        proxy.host = f"127.0.0.1:{port}"
        proxy.url = f"{'https' if tls else 'http'}://{proxy.host}"
        try:
            yield proxy
        finally:
            proxy.closing.set()


def head(answer: Answer, *more: str) -> bytes:
    """Make what goes before a body."""
    reason = http.client.responses.get(answer.status, "Odd")
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in answer.headers), *more]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    proxy: RegistryProxy
    protocol_version = "HTTP/1.1"
    # What is sent in small pieces is sent at once.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._count = 0
        self._behind = http.client.HTTPConnection("127.0.0.1", self.proxy.behind, timeout=60)

    def finish(self) -> None:
        self._behind.close()
        super().finish()

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Print nothing: `requests` tells more."""

    def _handle(self) -> None:
        self._count += 1
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        request = Request(self.command, self.path, headers, body, self._count)
        fault = self.proxy.begin(request) or _pass_on
        try:
            fault(Exchange(request, self))
        finally:
            self.proxy.land(request)

    def ask(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name not in OF_THE_CONNECTION}
        try:
            self._behind.request(request.method, request.target, request.body or None, headers)
            answer = self._behind.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._behind.close()
            return Answer(502, [("Content-Length", "0")])
        return Answer(answer.status, _kept(answer.getheaders(), len(body), request.method), body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(body)


def _pass_on(exchange: Exchange) -> None:
    exchange.send(exchange.forward())


def _kept(headers: Sequence[tuple[str, str]], length: int, method: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in OF_THE_CONNECTION]
    if method == "HEAD":
        return kept
    return [
        *((name, value) for name, value in kept if name.lower() != "content-length"),
        ("Content-Length", str(length)),
    ]
