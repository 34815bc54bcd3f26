"""The use cases around servers: start one from an image, follow its start, list, stop."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from repo2docker_service.domain.errors import InvalidInput, LaunchRefused, ServerNotFound, Unavailable
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.inputs import check_open_path, check_server_name
from repo2docker_service.domain.models import Identity, Image, OwnerKind
from repo2docker_service.domain.naming import image_id, place
from repo2docker_service.domain.ports import ServerLauncher
from repo2docker_service.domain.servers import Launch, Profile, Server, ServerProgress, ServerState
from repo2docker_service.domain.streams.closing import close

_LONGEST_READABLE: Final = 20


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """What somebody asks for."""

    image: str
    """The image's id, or its full name."""
    server_name: str = ""
    """Empty: the service names the server after the image, so that each image has a server of its own."""
    profile: str = ""
    path: str = ""


@dataclass(frozen=True)
class ServerService:
    """What people can do with their servers. The token is the caller's own: the hub says what it is good for.

    Who may not read anything here is refused by everything; services have no servers.
    """

    launcher: ServerLauncher
    images: ImageService
    profiles: Sequence[Profile] = ()

    async def offered(self) -> bool:
        """Whether servers can be started here at all."""
        return await self.launcher.offered()

    async def list(self, who: Identity, token: str) -> Sequence[Server]:
        """Give the caller's servers by name, those that have stopped last.

        Raises:
            Forbidden: the caller may read nothing at all.
        """
        if not self._may_have_servers(who):
            return ()
        servers = await self.launcher.list(who, token)
        return sorted(servers, key=lambda server: (server.state is ServerState.STOPPED, server.name))

    async def origins(self, who: Identity, servers: Iterable[Server]) -> Mapping[str, str]:
        """Give the ids of images by what servers may have been started from; of those that the caller may know of.

        Whoever asks has the servers themselves already, so a registry that is away leaves just this empty.
        """
        if not any(server.image for server in servers):
            return {}  # as for most people, most of the time
        try:
            images = await self.images.known(who)
        except Unavailable:
            return {}
        known = {image_id(str(image.name)): image.launch_reference for image in images}
        return {reference: identifier for identifier, reference in known.items()} | {each: each for each in known}

    async def start(self, who: Identity, token: str, wanted: LaunchRequest) -> Server:
        """Begin to start a server from an image.

        Raises:
            ImageNotFound: there is no such image for the caller.
            InvalidInput: the name, profile or path cannot be used.
            LaunchRefused: no server is in the image, it is not what was built (administrators may start it), the hub
                does not start it, or the caller is a service.
            Forbidden: the caller may read nothing at all.
            ServerBusy: a server of that name runs from something else.
            TooManyServers: the hub starts no more.
        """
        if not self._may_have_servers(who):
            raise LaunchRefused("Servers are for people: start one with the token of a person.")
        path = check_open_path(wanted.path)
        name = check_server_name(wanted.server_name)
        image = await self.images.find(who, wanted.image)
        if not await self.launcher.offered():
            raise LaunchRefused("This service starts no servers: its hub has no spawner that starts images.")
        if image.launchable is False:
            raise LaunchRefused(
                "There is no jupyterhub-singleuser in this image, so no server can be started from it."
                " Add jupyterhub to what the repository installs, and build again."
            )
        if image.changed_outside and not self.images.policy.is_admin(who):
            raise LaunchRefused(
                "Somebody has put something else in the place of this image: it is not what was built here."
                " Build it again, and tell an administrator."
            )
        profile = self._profile(wanted.profile or image.curation.profile)
        if self.launcher.named_servers:
            name = name or name_for(image)
        elif name:
            raise InvalidInput("server_name", "Servers have no names at this hub: leave it out.")
        server = await self.launcher.start(who, token, Launch(image, name, title_for(image), profile, path))
        # One that runs already may have been asked for with something else to open.
        return replace(server, path=path)

    async def stop(self, who: Identity, token: str, name: str) -> None:
        """Stop a server of the caller.

        Raises:
            ServerNotFound: there is none.
            ServerBusy: it is still starting.
            Forbidden: the caller may read nothing at all.
        """
        if not self._may_have_servers(who):
            raise ServerNotFound(name)
        await self.launcher.stop(who, token, name)

    async def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:
        """Give how far the start of a server is, until it is ready, with what to open of it, or has failed.

        Raises:
            ServerNotFound: there is none that starts or runs.
            Forbidden: the caller may read nothing at all.
        """
        if not self._may_have_servers(who):
            raise ServerNotFound(name)
        steps = self.launcher.progress(who, token, name)
        try:
            async for step in steps:
                yield await self._with_path(who, token, name, step) if step.ready else step
        finally:
            await close(steps)

    async def _with_path(self, who: Identity, token: str, name: str, step: ServerProgress) -> ServerProgress:
        found = [server for server in await self.launcher.list(who, token) if server.name == name]
        return replace(step, url=step.url or found[0].url, path=found[0].path) if found else step

    def _may_have_servers(self, who: Identity) -> bool:
        self.images.policy.require_read(who)
        return who.kind is OwnerKind.USER

    def _profile(self, slug: str) -> str:
        known = [profile.slug for profile in self.profiles]
        if slug and slug not in known:
            near = get_close_matches(slug, known, n=2)
            raise InvalidInput("profile", f"There is no profile {slug[:64]}.", near)
        return slug


def title_for(image: Image) -> str:
    """Give what people call a server of this image."""
    whole = place(image.plan.source.address)
    return image.title or whole.partition("/")[2] or whole


def name_for(image: Image) -> str:
    """Name a server after its repository, by the Hub's rules: the same for each commit, so that a new one replaces it.

    JupyterHub 6 takes 1 to 30 lower case letters, digits and single hyphens, beginning with a letter.
    """
    source = image.plan.source
    last = place(source.address).rpartition("/")[2].lower()
    readable = re.sub(r"[^a-z0-9]+", "-", last).strip("-")[:_LONGEST_READABLE].strip("-")
    named = readable if readable[:1].isalpha() else f"r2d-{readable}".rstrip("-")
    digits = hashlib.sha256(f"{source.address} {source.subdir}".encode()).hexdigest()[:4]
    return f"{named}-{digits}"
