"""Sees whether the registry holds what was pushed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, BrokenOff, NotFound
from repo2docker_service.adapters.registries.v2.inventory.asking import Asks
from repo2docker_service.adapters.registries.v2.inventory.known import KnownImages, ReadImage
from repo2docker_service.adapters.registries.v2.inventory.looking import Looker, is_complete
from repo2docker_service.adapters.registries.v2.inventory.pooling import each
from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary
from repo2docker_service.domain.models import ImageName

_LOST: Final = (
    "The registry took the image and does not have it: it has lost blobs, as happens when garbage was collected while"
    " it was running and its cache is stale. An administrator has to restart the registry; then build again."
)
_DAMAGED: Final = "What the registry gives back is not whole: {}."
_MOVED: Final = "Something else was pushed under the same name meanwhile."
_OTHER: Final = "What the registry holds under this name is not what this build has pushed."


@dataclass
class Verifier:
    """Asks for all that an image consists of, whatever is known already."""

    client: Asks
    known: KnownImages
    looker: Looker
    read: ReadImage
    workers: int

    async def verify(self, name: ImageName, digest: str, build_id: str) -> None:
        """See that an image is there, whole, and of that build; remember it.

        Raises:
            NotDelivered: it is not.
            RegistryError: the registry does not answer.
        """
        ticket = self.known.ticket()
        present = await self.client.digest(name.repository, name.tag)
        if present is None:
            raise NotDelivered(_LOST)
        if digest and present != digest:
            raise NotDelivered(_MOVED)
        summary = await self._whole(name.repository, present)
        image = self.read(name, summary)
        if image is None or image.plan.id != build_id:
            raise NotDelivered(_OTHER)
        self.known.observe(name, present, ticket)

    async def _whole(self, repository: str, digest: str) -> Summary:
        """Read manifest and config, and the beginning of each layer; a registry says of lost ones that it has them."""
        try:
            summary = await self.looker.fetch(repository, digest)
            lost = not is_complete(summary) or await self._lacks_layers(repository, digest)
        except NotFound as error:
            raise NotDelivered(_LOST) from error
        except BadAnswer as error:
            raise NotDelivered(_DAMAGED.format(error.problem)) from error
        except BrokenOff as error:
            # It breaks off what it has lost, again and again; and everything, when it is gone itself.
            await self.client.ping()
            raise NotDelivered(_LOST) from error
        if lost:
            raise NotDelivered(_LOST)
        return summary

    async def _lacks_layers(self, repository: str, digest: str) -> bool:
        missing: list[str] = []

        async def look(layer: str) -> None:
            if not await self.client.gives(repository, layer):
                missing.append(layer)

        await each(await self.client.layers(repository, digest), look, self.workers)
        return bool(missing)
