"""A registry that keeps images in memory: to try the API, to develop the page, to test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from traitlets import Bool, Instance, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.adapters.memory_engine import MemoryEngine
from repo2docker_service.domain.errors import ImageHasSiblings, ImageInUse, ImageMoved, ImageNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Destination, Image, ImageList, ImageName
from repo2docker_service.domain.ports import Registry
from repo2docker_service.hookspecs import Register


class InMemoryRegistry(LoggingConfigurable):
    """Keeps what the in-memory builder of the same installation delivers, and what tests :meth:`put` in."""

    address = Unicode("localhost", help="First part of the full name of every image.").tag(config=True)
    push = Bool(False, help="Whether images count as sent to another place.").tag(config=True)
    open_to_all = Bool(False, help="Whether everybody else counts as able to read what is here.").tag(config=True)
    installation = Instance(Installation)
    after_delete = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._engine = MemoryEngine.of(self.installation)

    def destination(self, repository: str, tag: str) -> Destination:
        """Name an image here."""
        return Destination(ImageName(self.address, repository, tag), push=self.push)

    async def find(self, image: ImageName) -> Image | None:
        """Give an image by its name."""
        return self._engine.images.get(image)

    async def list(self) -> ImageList:
        """Give all images."""
        return ImageList(tuple(self._engine.images.values()), as_of=datetime.now(UTC))

    async def recall(self, image: ImageName) -> Image | None:
        """Give an image by its name."""
        return self._engine.images.get(image)

    async def guards(self, image: ImageName) -> bool:  # noqa: ARG002
        """Pretend that nobody else reads what is here, unless told otherwise."""
        return not self.open_to_all

    async def delete(self, image: ImageName, digest: str, *, siblings: bool = False) -> None:
        """Remove an image, perhaps with its other names."""
        found = self._engine.images.get(image)
        if found is None:
            raise ImageNotFound(str(image))
        if found.digest != digest:
            raise ImageMoved(str(image), digest, found.digest)
        names = [name for name, other in self._engine.images.items() if other.digest == digest]
        users = [user for name in names for user in self._engine.users.get(name, ())]
        if users:
            raise ImageInUse(str(image), users)
        if len(names) > 1 and not siblings:
            raise ImageHasSiblings(str(image), [str(name) for name in names if name != image])
        for name in names:
            self._engine.remove(name)

    def watch(self) -> AsyncIterator[ImageName]:
        """Tell of changes."""
        return self._engine.image_changes.watch()

    def put(self, image: Image, *names: ImageName) -> None:
        """Store an image, under further names too."""
        for name in (image.name, *names):
            self._engine.store(replace(image, name=name))

    def use(self, image: ImageName, user: str) -> None:
        """Pretend that something runs from an image."""
        self._engine.users.setdefault(image, []).append(user)

    def release(self, image: ImageName, user: str) -> None:
        """Pretend that it has stopped."""
        self._engine.users[image].remove(user)


@hookimpl
def register_registries(register: Register[Registry]) -> None:
    """Offer this registry."""
    register("memory", InMemoryRegistry)
