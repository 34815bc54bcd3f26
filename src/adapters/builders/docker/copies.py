"""What the engine has of this installation's images under their final names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import ImageName
from repo2docker_service.domain.records import INSTANCE_LABEL, read_image_labels
from repo2docker_service.domain.retention import LocalCopy

_UNNAMED: Final = "docker.io"
"""The registry that the engine leaves away where it tells names."""


class LocalCopies:
    """Finds and removes the copies of one installation."""

    def __init__(self, engine: EngineConnection, installation: Installation) -> None:
        self._engine = engine
        self._installation = installation

    async def list(self) -> Sequence[LocalCopy]:
        """Give all of them; what is not signed for the name that it has is not seen."""
        filters = json.dumps({"label": [f"{INSTANCE_LABEL}={self._installation.instance}"]})
        with self._engine.errors(), self._engine.refusals():
            listed = await self._engine.json("images/json", filters=filters)
            used = await self._used()
        found = [self._read(item, tag, used) for item in listed for tag in item["RepoTags"] or ()]
        return [copy for copy in found if copy is not None]

    async def drop(self, copy: LocalCopy) -> bool:
        """Remove a copy's name, unless it is another's by now or in use; the engine refuses in the last moment, too."""
        with self._engine.errors(), self._engine.refusals():
            try:
                found = await self._engine.docker.images.inspect(str(copy.name))
                if found["Id"] != copy.id or copy.id in await self._used():
                    return False
                # By its id, where that is all that goes: its name may be given to a new image in this moment. Without
                # force the engine keeps what there is a container of, also one made since we looked.
                alone = len(found["RepoTags"]) == 1
                await self._engine.docker.images.delete(copy.id if alone else str(copy.name))
            except DockerError as error:
                if error.status in {404, 409}:
                    return False
                raise
        return True

    async def used(self) -> frozenset[str]:
        """Give all that images are called of which there is a container: ids, names, and names with a digest."""
        with self._engine.errors(), self._engine.refusals():
            # Containers first: of what is made of an image in between, the registry has the image until we look again.
            containers = await self._engine.json("containers/json", all="1")
            images = await self._engine.json("images/json")
        ids = {container["ImageID"] for container in containers}
        called = {container["Image"] for container in containers}
        for image in images:
            if image["Id"] in ids:
                called.update(image["RepoTags"] or (), image["RepoDigests"] or ())
        return frozenset({*ids, *called, *(f"{_UNNAMED}/{name}" for name in called)})

    async def _used(self) -> frozenset[str]:
        containers = await self._engine.json("containers/json", all="1")
        return frozenset(container["ImageID"] for container in containers)

    def _read(self, item: Mapping[str, Any], tag: str, used: frozenset[str]) -> LocalCopy | None:
        signer, instance = self._installation.signer, self._installation.instance
        for name in _names(tag):
            known = read_image_labels(signer, instance, item["Labels"] or {}, name)
            if known is not None:
                plan, _ = known
                return LocalCopy(
                    name,
                    item["Id"],
                    plan,
                    datetime.fromtimestamp(item["Created"], UTC),
                    item["Size"],
                    in_use=item["Id"] in used,
                )
        return None


def _names(text: str) -> Sequence[ImageName]:
    """Give what a name of the engine's can mean."""
    path, _, tag = text.rpartition(":")
    registry, _, repository = path.partition("/")
    return ImageName(registry, repository, tag), ImageName(_UNNAMED, path, tag)
