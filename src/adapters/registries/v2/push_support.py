"""Sees whether the registry holds what was pushed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound
from repo2docker_service.adapters.registries.v2.known import KnownImages, ReadImage
from repo2docker_service.adapters.registries.v2.looking import Asks, Looker, is_complete
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
    """Asks for manifest and config of an image, whatever is known already."""

    client: Asks
    known: KnownImages
    looker: Looker
    read: ReadImage

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
        try:
            summary = await self.looker.fetch(name.repository, present)
        except NotFound as error:
            raise NotDelivered(_LOST) from error
        except BadAnswer as error:
            raise NotDelivered(_DAMAGED.format(error.problem)) from error
        if not is_complete(summary):
            raise NotDelivered(_LOST)
        image = self.read(name, summary)
        if image is None or image.plan.id != build_id:
            raise NotDelivered(_OTHER)
        self.known.observe(name, present, ticket)
