"""DockerSpawner with the images of this service: ``c.JupyterHub.spawner_class = Repo2DockerSpawner``.

Needs the package dockerspawner, and is imported in ``jupyterhub_config.py`` only.
"""

from __future__ import annotations

from docker.errors import NotFound
from dockerspawner import DockerSpawner
from traitlets import default

from repo2docker_service.entrypoints.jupyterhub.mixin import Repo2DockerSpawnerMixin


class Repo2DockerSpawner(Repo2DockerSpawnerMixin, DockerSpawner):  # type: ignore[misc]  # it has no types
    """DockerSpawner that offers what was built here, with defaults that suit images of repo2docker."""

    @default("cmd")
    def _command_of_servers(self) -> list[str]:
        # The images' own command starts a server that knows nothing of a Hub.
        return ["jupyterhub-singleuser"]

    @default("remove")
    def _removed_when_stopped(self) -> bool:
        # A container that is kept is started again, whatever image is chosen next.
        return True

    async def pull_image(self, image: str) -> None:
        """Pull an image, if needed and wanted; one that is named by what is in it cannot have changed since.

        Raises:
            docker.errors.APIError: the engine cannot pull it, or does not have it and it is not to be pulled.
        """
        only_here = image.startswith("sha256:")
        if not (only_here or "@" in image) or self.pull_policy not in ("always", "ifnotpresent"):
            await super().pull_image(image)
            return
        try:
            await self.docker("inspect_image", image)
        except NotFound:
            # DockerSpawner would ask a public registry for an image called sha256.
            if only_here:
                raise
            # As one text: DockerSpawner would take the digits of the digest for a tag.
            await self.docker("pull", image)
