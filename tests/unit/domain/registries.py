"""Registries that are not as most are."""

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.registries.v2.inventory.places import single_tag
from repo2docker_service.domain.models import Destination, ImageName


class OneRepository(InMemoryRegistry):
    """Keeps all images in one repository."""

    def destination(self, repository: str, tag: str) -> Destination:
        return Destination(ImageName(self.address, "r2d", single_tag(repository, tag)), push=True)
