"""The engine's own image store as a registry: the embedded default, for one machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

from aiodocker.exceptions import DockerError
from traitlets import Instance, Unicode, default
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.adapters.engine.connection import EngineConnection, default_url
from repo2docker_service.domain.errors import (
    ImageHasSiblings,
    ImageInUse,
    ImageMoved,
    ImageNotFound,
    RegistryUnavailable,
)
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Destination, Image, ImageList, ImageName
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.records import INSTANCE_LABEL, read_image_labels, read_launchable
from repo2docker_service.hookspecs import Register

HOST: Final = "localhost"
"""So that no spawner ever asks a public registry for such a name."""
_PART: Final = "engine's image store"
_RECONNECT: Final = 0.5


class DockerDaemonRegistry(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.Registry` with the image store of a Docker engine."""

    url = Unicode(help="Address of the engine; that of DockerImageBuilder when empty.").tag(config=True)
    installation = Instance(Installation)
    after_delete = ""

    @default("url")
    def _default_url(self) -> str:
        configured = self.config.get("DockerImageBuilder", {}).get("url")
        return str(configured or default_url())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._engine = EngineConnection(self.url, RegistryUnavailable)
        self._changes: Changes[ImageName] = Changes()
        self._known: dict[ImageName, str] = {}
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to listen for changes."""
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait({self._listener})
        await self._engine.close()

    def destination(self, repository: str, tag: str) -> Destination:
        """Name an image of the engine; it is there when it is built."""
        return Destination(ImageName(HOST, repository, tag), push=False)

    async def find(self, image: ImageName) -> Image | None:
        """Give the image of that name, if it is there and ours."""
        found = await self._inspect(image)
        return (
            self._read(found["Id"], image, found["Created"], found["Size"], found["Config"]["Labels"])
            if found
            else None
        )

    async def list(self) -> ImageList:
        """Give all images of this installation."""
        filters = json.dumps({"label": [f"{INSTANCE_LABEL}={self.installation.instance}"]})
        with self._engine.errors(_PART), self._engine.refusals(_PART):
            listed = await self._engine.json("images/json", filters=filters)
        images = [
            self._read(item["Id"], name, item["Created"], item["Size"], item["Labels"])
            for item in listed
            for name in _names(item["RepoTags"])
        ]
        return ImageList([image for image in images if image is not None], datetime.now(UTC))

    async def recall(self, image: ImageName) -> Image | None:
        """Ask the engine: nothing is quicker."""
        return await self.find(image)

    async def guards(self, image: ImageName) -> bool:  # noqa: ARG002
        """Who reaches the engine is root there anyway; nobody else reads its store."""
        return True

    async def delete(self, image: ImageName, digest: str, *, siblings: bool = False) -> None:
        """Remove the image's name and, with its last name, the image."""
        found = await self._inspect(image)
        if found is None or await self.find(image) is None:
            raise ImageNotFound(str(image))
        if found["Id"] != digest:
            raise ImageMoved(str(image), digest, found["Id"])
        others = [str(name) for name in _names(found["RepoTags"]) if name != image]
        if others and not siblings:
            raise ImageHasSiblings(str(image), others)
        await self._refuse_in_use(image, digest)
        # By its id, where that is all that goes: its name may be given to a new image in this moment.
        for name in [digest] if len(found["RepoTags"]) == 1 else [*others, str(image)]:
            await self._remove(image, name)

    async def _refuse_in_use(self, image: ImageName, digest: str) -> None:
        filters = json.dumps({"ancestor": [digest]})
        with self._engine.errors(_PART), self._engine.refusals(_PART):
            users = await self._engine.json("containers/json", all="1", filters=filters)
        # "ancestor" also finds containers of images that were built from this one.
        names = [user["Names"][0].removeprefix("/") for user in users if user["ImageID"] == digest]
        if names:
            raise ImageInUse(str(image), names)

    async def _remove(self, image: ImageName, name: str) -> None:
        with self._engine.errors(_PART), self._engine.refusals(_PART):
            try:
                await self._engine.docker.images.delete(name)
            except DockerError as error:
                if error.status == 409:
                    raise ImageInUse(str(image)) from error
                # Where two remove the same, the engine fails for one of them, in words of its own.
                if error.status == 404 or await self._inspect(image) is None:
                    raise ImageNotFound(name) from error
                raise

    def watch(self) -> AsyncGenerator[ImageName, None]:
        """Give each name whose image is another one, or gone, since the engine last said that images changed."""
        return self._changes.watch()

    async def _listen(self) -> None:
        while True:
            try:
                with self._engine.errors(_PART), self._engine.refusals(_PART):
                    await self._listen_once()
            except RegistryUnavailable as error:
                self.log.debug("Images are not watched now: %s", error)
            except Exception:
                self.log.exception("Watching images failed")
            await asyncio.sleep(_RECONNECT)

    async def _listen_once(self) -> None:
        async with self._engine.get("events", filters=json.dumps({"type": ["image"]})) as events:
            await self._look()
            async for _ in events.content.iter_any():
                await self._look()

    async def _look(self) -> None:
        """Tell what changed since the last look: the engine does not name what it untagged."""
        now = {image.name: image.digest for image in (await self.list()).images}
        for name in {*now, *self._known}:
            if now.get(name) != self._known.get(name):
                self._changes.publish(name, name)
        self._known = now

    async def _inspect(self, image: ImageName) -> Mapping[str, Any] | None:
        with self._engine.errors(_PART), self._engine.refusals(_PART):
            try:
                return await self._engine.docker.images.inspect(str(image))
            except DockerError as error:
                if error.status == 404:
                    return None
                raise

    def _read(
        self, digest: str, name: ImageName, created: str | int, size: int, labels: Mapping[str, str] | None
    ) -> Image | None:
        labels = labels or {}
        known = read_image_labels(self.installation.signer, self.installation.instance, labels, name)
        if known is None:
            return None
        plan, settings = known
        return Image(
            name,
            digest,
            _time(created),
            size,
            plan,
            # The engine's own id starts the very image, whatever its name points to by then.
            launch_reference=digest,
            settings=settings,
            launchable=read_launchable(labels),
        )


def _time(created: str | int) -> datetime:
    # The engine lists whole seconds and inspects to the nanosecond: one image must not have two times.
    if isinstance(created, int):
        return datetime.fromtimestamp(created, UTC)
    return datetime.fromisoformat(f"{created[:19]}+00:00")


def _names(tags: Sequence[str] | None) -> list[ImageName]:
    """Read the names that could be ours: those below our own host."""
    split = [text.removeprefix(f"{HOST}/").rpartition(":") for text in tags or () if text.startswith(f"{HOST}/")]
    return [ImageName(HOST, repository, tag) for repository, _, tag in split if repository]


@hookimpl
def register_registries(register: Register[Registry]) -> None:
    """Offer the registry as ``docker-daemon``."""
    register("docker-daemon", DockerDaemonRegistry)
