"""A git server over smart HTTP on this machine, which can also behave as badly as servers elsewhere do."""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, TypeVar

from . import git_backend
from .packages import require

PIECE = 1 << 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; the query is apart from the path, and header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclass
class GitServer:
    """A running server. What holds for a path holds for all below it; tests may change it at any time."""

    root: Path
    url: str = ""
    protocol_v2: bool = True
    redirects: dict[str, str] = field(default_factory=dict)
    """From path to the path or address that takes its place."""
    passwords: dict[str, tuple[str, str]] = field(default_factory=dict)
    """From path to the user name and password it wants."""
    delays: dict[str, float] = field(default_factory=dict)
    """From path to the seconds it waits before it answers."""
    statuses: dict[str, int] = field(default_factory=dict)
    """From path to the status it answers with instead."""
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event, repr=False)


@contextmanager
def git_server(
    root: Path,
    *,
    protocol_v2: bool = True,
    redirects: dict[str, str] | None = None,
    passwords: dict[str, tuple[str, str]] | None = None,
    delays: dict[str, float] | None = None,
    statuses: dict[str, int] | None = None,
) -> Iterator[GitServer]:
    """Serve the bare repositories under `root` on a free port of the loopback interface.

    Without `protocol_v2` the header with which clients ask for it is dropped, as by servers that are too old.
    """
    require("git")
    rules = redirects or {}, passwords or {}, delays or {}, statuses or {}
    state = GitServer(root, "", protocol_v2, *rules)
    handler = type("Handler", (_Handler,), {"state": state})
    with _Server(("127.0.0.1", 0), handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The default of five refuses connections when many clone at once.
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away, as killed ones do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # a socket, by its base class


class _Handler(BaseHTTPRequestHandler):
    state: GitServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Print nothing: `requests` tells more."""

    def _handle(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.state.requests.append(Request(self.command, path, query, headers))
        self.state.closing.wait(_below(self.state.delays, path) or 0)
        with tempfile.TemporaryFile() as body:
            self._read_body(body)
            if (status := _below(self.state.statuses, path)) is not None:
                self._refuse(status)
            elif (target := _below(self.state.redirects, path)) is not None:
                self._redirect(path, target)
            elif not self._has_password(path):
                self._refuse(401, ("WWW-Authenticate", 'Basic realm="git"'))
            else:
                self._ask_git(body)

    def _read_body(self, body: IO[bytes]) -> None:
        """Keep the body in a file: git may answer before it has read it all, and nobody waits for anybody."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body.write(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            body.write(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        body.seek(0)

    def _has_password(self, path: str) -> bool:
        wanted = _below(self.state.passwords, path)
        if wanted is None:
            return True
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        return given == base64.b64encode(":".join(wanted).encode()).decode()

    def _redirect(self, path: str, target: str) -> None:
        source = next(key for key in self.state.redirects if _is_below(path, key))
        self._refuse(301, ("Location", target + self.path[len(source) :]))

    def _refuse(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def _ask_git(self, body: IO[bytes]) -> None:
        protocol = self.headers.get("Git-Protocol", "") if self.state.protocol_v2 else ""
        request = self.command, self.path, self.headers, body, protocol
        with git_backend.answer(self.state.root, *request) as answer:
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Connection", "close")):
                self.send_header(name, value)
            self.end_headers()
            shutil.copyfileobj(answer.body, self.wfile, PIECE)


def _below(rules: dict[str, T], path: str) -> T | None:
    """Give what a rule says for this path or for one above it."""
    return next((value for key, value in rules.items() if _is_below(path, key)), None)


def _is_below(path: str, key: str) -> bool:
    return path == key or path.startswith(key.rstrip("/") + "/")
