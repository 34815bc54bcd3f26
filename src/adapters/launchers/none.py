"""No servers: for installations without a hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from traitlets import Instance
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.errors import LaunchRefused, ServerNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity
from repo2docker_service.domain.ports import ServerLauncher
from repo2docker_service.domain.servers import Launch, Server, ServerProgress
from repo2docker_service.hookspecs import Register


class NoServerLauncher(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.ServerLauncher` by starting nothing."""

    named_servers = False
    installation = Instance(Installation)

    async def offered(self) -> bool:
        """Say no."""
        return False

    async def list(self, who: Identity, token: str) -> Sequence[Server]:  # noqa: ARG002
        """Give none."""
        return ()

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:  # noqa: ARG002
        """Refuse."""
        raise LaunchRefused("This service starts no servers.")

    async def stop(self, who: Identity, token: str, name: str) -> None:  # noqa: ARG002
        """Find none."""
        raise ServerNotFound(name)

    def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:  # noqa: ARG002
        """Find none."""
        raise ServerNotFound(name)


@hookimpl
def register_server_launchers(register: Register[ServerLauncher]) -> None:
    """Offer this launcher."""
    register("none", NoServerLauncher)
