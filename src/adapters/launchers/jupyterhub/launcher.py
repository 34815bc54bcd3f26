"""Servers of a JupyterHub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, ClassVar, Final, Self

from traitlets import Bool, Enum, default

from repo2docker_service.adapters.hub import environment
from repo2docker_service.adapters.hub.settings import HubConnection
from repo2docker_service.adapters.launchers.jupyterhub.hub_servers import HubServers, Known
from repo2docker_service.adapters.launchers.jupyterhub.options import DOCKER, KUBERNETES, options_for
from repo2docker_service.adapters.launchers.jupyterhub.spawner import HubSpawner, starts_images
from repo2docker_service.adapters.launchers.jupyterhub.starts import Starts
from repo2docker_service.domain.errors import (
    LauncherUnavailable,
    LaunchRefused,
    ServerBusy,
    ServerNotFound,
    ServiceError,
    Unavailable,
)
from repo2docker_service.domain.models import Identity, OwnerKind
from repo2docker_service.domain.servers import Launch, Server, ServerProgress, ServerState

_log: Final = logging.getLogger(__name__)
_INFO_WITHIN: Final = 3.0
"""Seconds that people wait at most to learn whether there is something to start, while the hub is away."""
_AT_ONCE: Final = 1.0
"""Seconds that a start is waited for: a refusal comes by then, and all else people would rather watch."""
_MOST_STREAMS: Final = 30
_LOOKS: Final = 10
_BETWEEN_LOOKS: Final = 0.2
_PAUSE: Final = 1.0
"""Seconds before a broken stream is opened again."""
_ONE_HOST: Final = (
    "People's servers are on the hub's own host, so what runs in an image that somebody has built counts for browsers"
    " as a page of the hub. Set c.JupyterHub.subdomain_host; where that is done and the hub does not tell, set"
    " c.JupyterHubServerLauncher.subdomains here."
)


class JupyterHubServerLauncher(HubConnection):
    """Implements :class:`~repo2docker_service.domain.ports.ServerLauncher` with a JupyterHub.

    How to reach it is set for ``JupyterHubAuthorizer``.
    """

    unavailable: ClassVar[type[Unavailable]] = LauncherUnavailable
    # A start holds its connection for seconds, and whoever follows one holds it for minutes.
    connections: ClassVar[int | None] = None

    named_servers = Bool(
        True, help="Whether one person may have several servers, as the hub's allow_named_servers says."
    ).tag(config=True)
    enabled = Bool(
        None,
        allow_none=True,
        help="Whether servers can be started; None: when the hub tells this service what it starts servers with, and"
        " that can start images.",
    ).tag(config=True)
    subdomains = Bool(
        help="Whether the hub gives each person's servers a host of their own, as its subdomain_host does. When not set"
        " here, it is so where JUPYTERHUB_PUBLIC_URL and JUPYTERHUB_PUBLIC_HUB_URL in the environment are on different"
        " hosts; administrators are warned where it is not."
    ).tag(config=True)
    spawner_options = Enum(
        ["", DOCKER, KUBERNETES],
        default_value="",
        help="What options the hub's spawner understands; empty: found out by the name of its class.",
    ).tag(config=True)

    @default("subdomains")
    def _default_subdomains(self) -> bool:
        return environment.has_host_of_its_own()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._hub = HubServers(self.api_url.rstrip("/"), self.http, self.hub_host)
        self._spawner = HubSpawner(self._ask_for_spawner)
        self._starts = Starts()
        self._told = False

    async def __aenter__(self) -> Self:
        """Give the launcher; it connects when it is asked."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._starts.close()
        await self.http.close()

    async def offered(self) -> bool:
        """Say whether the hub starts images, as far as it tells: while it has never answered, it is taken to do so."""
        if self.enabled is not None:
            return self.enabled
        name = await self._spawner.name()
        if name == "" and not self._told:
            self._told = True
            _log.warning(
                "The hub does not tell this service what it starts servers with, so none are offered. Give the service"
                " the scope read:hub there, as configure() does, or set JupyterHubServerLauncher.enabled."
            )
        return name is None or starts_images(name)

    async def warnings(self) -> Sequence[str]:
        """Say what should be changed about where servers are."""
        return [] if self.subdomains else [_ONE_HOST]

    async def list(self, who: Identity, token: str) -> Sequence[Server]:
        """Give the caller's servers; a service has none."""
        return list((await self._servers(who, token)).values())

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:
        """Let the hub start a server, and wait a moment for it, or for a refusal."""
        if who.kind is not OwnerKind.USER:
            raise LaunchRefused("Services of the hub have no servers. Start it with the token of a person.")
        if not launch.image.launch_reference:
            raise LaunchRefused("The registry does not say what to start this image by.")
        options = options_for(self.spawner_options or await self._spawner.options(), launch)
        known = await self._hub.all(who.name, token)
        before = known.servers.get(launch.server_name)
        if before is not None and before.state is not ServerState.STOPPED:
            before = await self._as_asked(who.name, token, before, launch, options)
            if before.state is ServerState.STARTING:
                return before
        # Of one that runs, the hub looks whether it is still alive, and starts it anew if not.
        starting = self._starts.begin(self._start(who.name, token, launch, options, known))
        await asyncio.wait([starting], timeout=_AT_ONCE)
        if not starting.done() and not await self._has_begun(who.name, token, launch.server_name):
            await asyncio.wait([starting])
        if starting.done():
            starting.result()
        after = await self._look(who.name, token, launch.server_name)
        return await self._as_asked(who.name, token, after, launch, options)

    async def _start(self, user: str, token: str, launch: Launch, options: Mapping[str, str], known: Known) -> None:
        name = launch.server_name
        try:
            await self._hub.start(user, token, name, launch.title, options, version=known.version)
        except ServiceError as error:
            if name and name not in known.servers and not isinstance(error, Unavailable):
                await self._tidy(user, token, name)
            raise

    async def stop(self, who: Identity, token: str, name: str) -> None:
        """Let the hub stop a server, and forget it if it has a name."""
        server = (await self._servers(who, token)).get(name)
        if server is None:
            raise ServerNotFound(name)
        if server.state is not ServerState.STOPPING:
            await self._hub.stop(who.name, token, name)

    async def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:
        """Give what the hub says of a start; where the stream breaks, look at the server and go on."""
        if who.kind is not OwnerKind.USER:
            raise ServerNotFound(name)
        begun = False
        for _ in range(_MOST_STREAMS):
            try:
                async with aclosing(self._hub.progress(who.name, token, name)) as events:
                    async for event in events:
                        begun = True
                        yield event
                        if event.ready or event.failed:
                            return
            except ServerNotFound:
                if not begun:
                    raise
            except LauncherUnavailable:
                _log.info("A stream of the hub broke before its end.")
            server = (await self._servers(who, token)).get(name)
            if server is None and not begun:
                raise ServerNotFound(name)
            if server is None or server.state is not ServerState.STARTING:
                yield _end_of_start(server)
                return
            begun = True
            await asyncio.sleep(_PAUSE)
        raise LauncherUnavailable("hub", "it breaks off what it says of a start again and again")

    async def _as_asked(
        self, user: str, token: str, server: Server | None, launch: Launch, options: Mapping[str, str]
    ) -> Server:
        """Give the server if it starts or runs from what is asked for now.

        For a moment after the hub has taken a start, it tells of it with the options of the one before, or with none.
        """
        for _ in range(_LOOKS):
            if server is None or server.state is not ServerState.STARTING or server.image == options["image"]:
                break
            await asyncio.sleep(_BETWEEN_LOOKS)
            server = await self._look(user, token, launch.server_name)
        if server is None or server.state is ServerState.STOPPED:
            raise LaunchRefused("The server ended while it was starting. The log of the hub may say why.")
        if server.state is ServerState.STOPPING:
            raise ServerBusy(server.name, "This server is stopping. Try again in a moment.")
        if server.image != options["image"]:
            raise ServerBusy(server.name, "This server runs from something else. Stop it first, or take another name.")
        return replace(server, image=launch.image.launch_reference)

    async def _has_begun(self, user: str, token: str, name: str) -> bool:
        """Whether the hub has begun to start a server, which it does only of what it does not refuse at once."""
        server = await self._look(user, token, name)
        return server is not None and server.state is not ServerState.STOPPED

    async def _tidy(self, user: str, token: str, name: str) -> None:
        """Remove the name that the hub keeps of a start that it refused, as it counts for how many one may have."""
        with suppress(ServiceError):
            left = await self._look(user, token, name)
            if left is not None and left.state is ServerState.STOPPED:
                await self._hub.stop(user, token, name)

    async def _look(self, user: str, token: str, name: str) -> Server | None:
        """Give a server as the hub has it, a stopped one too."""
        return (await self._hub.all(user, token)).servers.get(name)

    async def _servers(self, who: Identity, token: str) -> Mapping[str, Server]:
        """Give the caller's servers by their names; a service has none.

        The one without a name is left out where it has stopped: the hub knows it of everybody who ever had it.
        """
        if who.kind is not OwnerKind.USER:
            return {}
        servers = (await self._hub.all(who.name, token)).servers
        return {name: each for name, each in servers.items() if name or each.state is not ServerState.STOPPED}

    async def _ask_for_spawner(self) -> str:
        return await self._hub.spawner(self.api_token, seconds=min(self.timeout, _INFO_WITHIN))


def _end_of_start(server: Server | None) -> ServerProgress:
    if server is not None and server.state is ServerState.READY:
        return ServerProgress(100, "The server is ready", ready=True, url=server.url)
    return ServerProgress(100, "The server was stopped, or ended, before it was ready", failed=True)
