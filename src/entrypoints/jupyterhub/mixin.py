"""What makes a spawner offer the images that its user may start, and start nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NoReturn

from traitlets import default
from traitlets.config import LoggingConfigurable

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub import form
from repo2docker_service.entrypoints.jupyterhub.images import Repo2DockerImages
from repo2docker_service.entrypoints.jupyterhub.offers import BY_LINK, Refused
from repo2docker_service.entrypoints.jupyterhub.options import read_form
from repo2docker_service.entrypoints.jupyterhub.places import Hub, HubUser
from repo2docker_service.entrypoints.jupyterhub.refusing import refuse


class Repo2DockerSpawnerMixin(LoggingConfigurable):
    """Shows the images that its user may start, and starts no other: for DockerSpawner and what is made from it.

    Put it before the spawner: ``class OurSpawner(Repo2DockerSpawnerMixin, SwarmSpawner)``. Which services it asks is a
    setting of :class:`~repo2docker_service.entrypoints.jupyterhub.images.Repo2DockerImages`. The spawner's
    ``allowed_images`` is not looked at. A start that asks for no image gets the spawner's own ``image``.

    The services are asked again when a server starts, so what has been deleted or taken from the user meanwhile does
    not start; nor does anything while they do not answer.
    """

    user: HubUser
    hub: Hub
    user_options: dict[str, Any]
    image: str
    cpu_limit: float | None
    mem_limit: int | None
    _linked = ""
    """The image that a link has just named."""

    @default("options_form")
    def _form_of_images(self) -> Callable[[object], Awaitable[str]]:
        return self.images_form

    @default("options_from_form")
    def _options_of_images(self) -> Callable[[Mapping[str, Sequence[str]]], dict[str, str]]:
        return self.images_options

    @default("apply_user_options")
    def _applied_elsewhere(self) -> Callable[[object, Mapping[str, Any]], None]:
        # Without one, the Hub warns of options that nobody cares about.
        return lambda _spawner, _options: None

    async def images_form(self, _spawner: object = None) -> str:
        """Give the HTML of the spawn page in which the user chooses an environment."""
        linked, self._linked = self._linked, ""
        return form.render(await self._repo2docker_images().offer(self), linked=linked)

    def options_from_query(self, query_data: Mapping[str, Sequence[str]]) -> NoReturn:
        """Start nothing for a link, but have the Hub show its form, in which what the link names is chosen already.

        Any page on the web can lead people to a link, and by it they would run what a stranger has built.

        Raises:
            tornado.web.HTTPError: always.
        """
        self._linked = "".join(query_data.get("image", ())[:1])
        refuse(Refused(BY_LINK, reason="link"))

    def images_options(self, formdata: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Give the options that somebody has chosen in the form.

        Raises:
            tornado.web.HTTPError: 400, when no environment is chosen or a value cannot be one.
        """
        try:
            return read_form(formdata)
        except Refused as refused:
            refuse(refused)

    async def check_allowed(self, image: object) -> str:
        """Find out that the user may start an image now, and set what its profile allows its server to use.

        Args:
            image: the reference of an image, its name or its id.

        Returns:
            The reference to start.

        Raises:
            tornado.web.HTTPError: 400, when the image or the profile is not offered to the user; 503, when that cannot
                be found out.
        """
        return await self._check(image) or str(self.image)

    async def start(self) -> object:
        """Start the server, as far as the user may.

        Raises:
            tornado.web.HTTPError: as :meth:`check_allowed` does.
        """
        if not self.user_options.get("image") and self.user_options.get("profile"):
            await self._check(None)
        started: object = await super().start()  # type: ignore[misc]  # of the spawner that this is put before
        return started

    async def _check(self, image: object) -> str | None:
        try:
            choice = await self._repo2docker_images().choose(self, image, self.user_options.get("profile"))
        except Refused as refused:
            refuse(refused)
        if choice.profile:
            self._limit(choice.profile)
        return choice.image.reference if choice.image else None

    def _limit(self, profile: Profile) -> None:
        if profile.cpu:
            self.cpu_limit = profile.cpu
        if profile.memory:
            self.mem_limit = profile.memory

    def _repo2docker_images(self) -> Repo2DockerImages:
        return Repo2DockerImages(parent=self)
