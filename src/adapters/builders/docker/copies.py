"""What the engine has of this installation's images under their final names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.builder_image import id_of
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, ImageName
from repo2docker_service.domain.records import INSTANCE_LABEL, read_image_labels
from repo2docker_service.domain.retention.retention import LocalCopy

_NAMELESS: Final = "<none>:<none>"
"""What older engines call images without a name."""
_UNNAMED: Final = "docker.io"
"""The registry that the engine leaves away where it tells names."""


class LocalCopies:
    """Finds and removes the copies of one installation."""

    def __init__(self, engine: EngineConnection, installation: Installation) -> None:
        self._engine = engine
        self._installation = installation

    async def list(self) -> Sequence[LocalCopy]:
        """Give all of them; what is not signed for the name that it has is not seen."""
        with self._engine.errors(), self._engine.refusals():
            listed = await self._images()
            used = {container["ImageID"] for container in await self._containers()}
        return [copy for item in listed for copy in self._read(item, in_use=item["Id"] in used)]

    async def drop(self, copy: LocalCopy) -> bool:
        """Remove a copy's name, unless it is another's by now or in use; the engine refuses in the last moment, too."""
        with self._engine.errors(), self._engine.refusals():
            try:
                tags = (await self._engine.docker.images.inspect(copy.id))["RepoTags"] or []
                used = copy.id in {container["ImageID"] for container in await self._containers()}
                if used or (tags and not any(copy.name in _names(tag) for tag in tags)):
                    return False
                # By its id, where that is all that goes: its name may be given to a new image in this moment. Without
                # force the engine keeps what there is a container of, also one made since we looked.
                await self._engine.docker.images.delete(copy.id if len(tags) < 2 else str(copy.name))
            except DockerError as error:
                # Where two remove the same, the engine fails for one of them, in words of its own.
                if error.status in {404, 409} or not await id_of(self._engine, copy.id):
                    return False
                raise
        return True

    async def used(self) -> frozenset[str]:
        """Give all that images are called of which there is a container: ids, names, and names with a digest."""
        with self._engine.errors(), self._engine.refusals():
            containers = await self._containers()
            images = await self._images()
        ids = {container["ImageID"] for container in containers}
        called = {container["Image"] for container in containers}
        for image in images:
            if image["Id"] in ids:
                called.update(image["RepoTags"] or (), image["RepoDigests"] or ())
        # An image may have gone in the moment in which a container was made of it. Then only its labels are left there.
        known = [self._known(container["Labels"], None) for container in containers]
        called.update(str(plan.image) for plan in known if plan is not None)
        return frozenset({*ids, *called, *(f"{_UNNAMED}/{name}" for name in called)})

    async def _images(self) -> Any:
        filters = json.dumps({"label": [f"{INSTANCE_LABEL}={self._installation.instance}"]})
        return await self._engine.json("images/json", filters=filters)

    async def _containers(self) -> Any:
        return await self._engine.json("containers/json", all="1")

    def _known(self, labels: Mapping[str, str] | None, name: ImageName | None) -> BuildPlan | None:
        known = read_image_labels(self._installation.signer, self._installation.instance, labels or {}, name)
        return None if known is None else known[0]

    def _read(self, item: Mapping[str, Any], *, in_use: bool) -> Iterator[LocalCopy]:
        tags = [tag for tag in item["RepoTags"] or () if tag != _NAMELESS]
        names: Sequence[ImageName | None] = [name for tag in tags for name in _names(tag)] or [None]
        for name in names:
            plan = self._known(item["Labels"], name)
            if plan is None or (name is None and not _is_from(plan.image, item["RepoDigests"] or ())):
                continue
            made = datetime.fromtimestamp(item["Created"], UTC)
            yield LocalCopy(plan.image, item["Id"], plan, made, item["Size"], in_use=in_use)


def _names(text: str) -> Sequence[ImageName]:
    """Give what a name of the engine's can mean."""
    path, _, tag = text.rpartition(":")
    registry, _, repository = path.partition("/")
    return ImageName(registry, repository, tag), ImageName(_UNNAMED, path, tag)


def _is_from(image: ImageName, digests: Sequence[str]) -> bool:
    """Whether something without a name was pulled from an image's repository, as spawners do that ask by digest."""
    repositories = {digest.partition("@")[0] for digest in digests}
    return not repositories.isdisjoint((f"{image.registry}/{image.repository}", image.repository))
