"""A launcher that pretends: to try the API, to develop the page, to test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
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
        self._servers: dict[tuple[str, str], Server] = {}
        self._ready_at: dict[tuple[str, str], float] = {}
        self._failing: dict[tuple[str, str], str] = {}

    async def offered(self) -> bool:
        """Say yes."""
        return True

    async def list(self, who: Identity, token: str) -> Sequence[Server]:  # noqa: ARG002
        """Give what was started and not stopped."""
        return [self._now(key) for key in self._servers if key[0] == who.name]

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:  # noqa: ARG002
        """Pretend to start a server."""
        key = (who.name, launch.server_name)
        if key in self._servers:
            if self._servers[key].image != launch.image.launch_reference:
                raise ServerBusy(launch.server_name, "This server runs from another image. Stop it first.")
            return self._now(key)
        self._failing[key] = self.failures.get(launch.image.plan.source.address, "")
        self._ready_at[key] = asyncio.get_running_loop().time() + self.start_seconds
        self._servers[key] = Server(
            name=launch.server_name,
            state=ServerState.STARTING,
            url=f"/user/{who.name}/{launch.server_name and launch.server_name + '/'}",
            title=launch.title,
            image=launch.image.launch_reference,
            profile=launch.profile,
            path=launch.path,
            started_at=datetime.now(UTC),
        )
        return self._now(key)

    async def stop(self, who: Identity, token: str, name: str) -> None:  # noqa: ARG002
        """Forget a server."""
        if self._servers.pop((who.name, name), None) is None:
            raise ServerNotFound(name)

    async def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:  # noqa: ARG002
        """Pretend to be getting on."""
        key = (who.name, name)
        if key not in self._servers:
            raise ServerNotFound(name)
        for step, message in enumerate(_MESSAGES):
            if key not in self._servers or self._now(key).state is ServerState.READY:
                break
            yield ServerProgress(100 * step // len(_MESSAGES), message)
            await asyncio.sleep(self.start_seconds / len(_MESSAGES))
        yield self._end(key)

    def _end(self, key: tuple[str, str]) -> ServerProgress:
        failure = self._failing[key]
        server = None if failure else self._servers.get(key)
        if server is None:
            self._servers.pop(key, None)
            return ServerProgress(100, failure or "It was stopped.", failed=True)
        return ServerProgress(100, "Ready", ready=True, url=server.url)

    def _now(self, key: tuple[str, str]) -> Server:
        ready = asyncio.get_running_loop().time() >= self._ready_at[key]
        return replace(self._servers[key], state=ServerState.READY if ready else ServerState.STARTING)


@hookimpl
def register_server_launchers(register: Register[ServerLauncher]) -> None:
    """Offer this launcher."""
    register("memory", InMemoryServerLauncher)
