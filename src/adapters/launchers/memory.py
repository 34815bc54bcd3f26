"""A launcher that pretends: to try the API, to develop the page, to test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from traitlets import Bool, Dict, Float, Instance, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.errors import ServerBusy, ServerNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity
from repo2docker_service.domain.ports import ServerLauncher
from repo2docker_service.domain.servers import Launch, Server, ServerProgress, ServerState
from repo2docker_service.hookspecs import Register

_MESSAGES: Final = ("Server requested", "Pulling the image", "Starting the server", "Waiting for the server")


@dataclass(frozen=True, slots=True)
class _Start:
    """A server, and what becomes of it."""

    server: Server
    ready_at: float
    failure: str
    """What is said of it in the end; empty where it succeeds."""


class InMemoryServerLauncher(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.ServerLauncher` with servers that nobody can open."""

    named_servers = Bool(True, help="Whether one person may have several servers.").tag(config=True)
    start_seconds = Float(2.0, min=0.0, help="Seconds that a start takes.").tag(config=True)
    failures = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Which starts fail, and what is said of that: {address of the image's repository: sentence}.",
    ).tag(config=True)
    installation = Instance(Installation)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._starts: dict[tuple[str, str], _Start] = {}

    async def offered(self) -> bool:
        """Say yes."""
        return True

    async def list(self, who: Identity, token: str) -> Sequence[Server]:  # noqa: ARG002
        """Give what was started and not stopped."""
        return [_now(start) for (user, _), start in self._starts.items() if user == who.name]

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:  # noqa: ARG002
        """Pretend to start a server."""
        key = (who.name, launch.server_name)
        if key in self._starts:
            if self._starts[key].server.image != launch.image.launch_reference:
                raise ServerBusy(launch.server_name, "This server runs from another image. Stop it first.")
            return _now(self._starts[key])
        server = Server(
            name=launch.server_name,
            state=ServerState.STARTING,
            url=f"/user/{who.name}/{launch.server_name and launch.server_name + '/'}",
            title=launch.title,
            image=launch.image.launch_reference,
            profile=launch.profile,
            path=launch.path,
            started_at=datetime.now(UTC),
        )
        ready_at = asyncio.get_running_loop().time() + self.start_seconds
        self._starts[key] = _Start(server, ready_at, self.failures.get(launch.image.plan.source.address, ""))
        return _now(self._starts[key])

    async def stop(self, who: Identity, token: str, name: str) -> None:  # noqa: ARG002
        """Forget a server."""
        if self._starts.pop((who.name, name), None) is None:
            raise ServerNotFound(name)

    async def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:  # noqa: ARG002
        """Pretend to be getting on."""
        key = (who.name, name)
        start = self._starts.get(key)
        if start is None:
            raise ServerNotFound(name)
        for step, message in enumerate(_MESSAGES):
            if self._starts.get(key) is not start or _now(start).state is ServerState.READY:
                break
            yield ServerProgress(100 * step // len(_MESSAGES), message)
            await asyncio.sleep(self.start_seconds / len(_MESSAGES))
        if start.failure:
            self._starts.pop(key, None)
        if self._starts.get(key) is start:
            yield ServerProgress(100, "Ready", ready=True, url=start.server.url)
        else:
            yield ServerProgress(100, start.failure or "It was stopped.", failed=True)


def _now(start: _Start) -> Server:
    ready = asyncio.get_running_loop().time() >= start.ready_at
    return replace(start.server, state=ServerState.READY if ready else ServerState.STARTING)


@hookimpl
def register_server_launchers(register: Register[ServerLauncher]) -> None:
    """Offer this launcher."""
    register("memory", InMemoryServerLauncher)
