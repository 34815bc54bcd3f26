"""Servers that the tests of the commands talk to, each in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from repo2docker_service.bootstrap import Services, bootstrap
from repo2docker_service.entrypoints.cli.configuration import load
from repo2docker_service.entrypoints.http.app import create_app

T = TypeVar("T")

TOKEN = "correct-horse-battery-staple"
CONFIG = """
c.Repo2DockerService.image_builder = "memory"
c.Repo2DockerService.registry = "memory"
c.Repo2DockerService.authorizer = "token"
c.Repo2DockerService.source_resolver = "memory"
c.Repo2DockerService.data_dir = {data_dir!r}
c.TokenAuthorizer.token = {token!r}
c.InMemoryImageBuilder.scripts = {{
    "https://example.org/failing": {{"reason": "build-failed"}},
    "https://example.org/slow": {{"pace": 0.3, "lines": 1000}},
}}
c.InMemorySourceResolver.repositories = {{
    "https://example.org/known": {{"HEAD": "{commit}", "main": "{commit}"}},
}}
c.InMemorySourceResolver.locked = {{f"https://example.org/{{name}}": f"{{name}}:canary" for name in ("ada", "git")}}
"""


def write_config(folder: Path, more: str = "") -> Path:
    """Write a configuration file for a service that pretends everything."""
    path = folder / "config.py"
    path.write_text(CONFIG.format(data_dir=str(folder), token=TOKEN, commit="ab" * 20) + more)
    return path


@dataclass
class Service:
    """The real application on a real socket."""

    services: Services
    address: str
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something where the service runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)


@contextmanager
def running_service(folder: Path) -> Iterator[Service]:
    services = bootstrap(load(["-f", str(write_config(folder))]))
    config = uvicorn.Config(create_app(services), port=0, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Service(services, f"http://127.0.0.1:{port}/", loops[0])
    server.should_exit = True
    thread.join(10)


@dataclass
class ScriptedServer:
    """Gives ready answers, one per connection, and then hangs up."""

    answers: Sequence[bytes]
    address: str = ""
    requests: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    """The JSON that was sent, of those requests that sent some."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        # Closing over unread bytes resets the connection.
        body = await reader.readexactly(int(length[1]) if length else 0)
        self.bodies += [json.loads(body)] if body else []
        number = len(self.requests)
        self.requests.append(head)
        writer.write(self.answers[min(number, len(self.answers) - 1)])
        await writer.drain()
        writer.close()


@contextmanager
def scripted_server(*answers: bytes) -> Iterator[ScriptedServer]:
    scripted = ScriptedServer(answers)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(scripted.answer, "127.0.0.1", 0))
    scripted.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield scripted
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def json_answer(value: object, status: str = "200 OK", media_type: str = "application/json") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close", "", ""]
    return "\r\n".join(head).encode() + json.dumps(value).encode()


def problem(status: str, detail: str, **more: object) -> bytes:
    return json_answer({"detail": detail, **more}, status, "application/problem+json")


def stream(*events: bytes, whole: bool = True) -> bytes:
    """Write a stream of events in one chunk; one that is not whole lacks the end of the answer."""
    body = b"".join(events)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n" + (b"0\r\n\r\n" if whole else b"")


def event(name: str, data: object, identifier: str = "") -> bytes:
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def log_event(first: int, *lines: str) -> bytes:
    return event("log", {"first": first, "lines": lines}, f"{first + len(lines) - 1}:x")


def build_shape(state: str, **more: object) -> dict[str, object]:
    return {
        "id": "0123456789abcdef0123456789abcdef",
        "state": state,
        "progress": {"step": 0, "steps": 0},
        "repo": "https://example.org/a",
        "ref": "HEAD",
        "commit": "ab" * 20,
        "subdir": "",
        "image": f"localhost/r2d/example.org--a:{'ab' * 20}",
        "owner": "user:admin",
        "created_at": "2026-01-31T12:00:00Z",
        **more,
    }


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.01)
