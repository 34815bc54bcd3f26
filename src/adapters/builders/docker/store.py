"""The containers of this installation on the engine: find, make, change."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.containers.cards import (
    BUILD,
    INSTANCE,
    Card,
    Mark,
    is_signed,
    look_name,
    looking_build,
)
from repo2docker_service.adapters.builders.containers.in_container import credentials
from repo2docker_service.adapters.builders.containers.in_container.guard import CANCEL
from repo2docker_service.adapters.builders.containers.in_container.looking import NEVER_RUN
from repo2docker_service.adapters.builders.docker.containers import CANCELLED, READY, archive, secret_files
from repo2docker_service.adapters.builders.docker.states import Container, Work, pair, read_container
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.installation import Installation

_AT_ONCE: Final = 8
_SIGNAL_AGAIN: Final = 0.5
"""Seconds; a signal can be lost before the launcher's process is there."""
_SIGNALS: Final = 20
"""Polite ones, and then as many that nobody can ignore."""
_APPEARS: Final = 2.0
"""Seconds within which a container whose name is taken can be seen."""
_POLL: Final = 0.01


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list tells of a container."""

    id: str
    name: str
    status: str


class NameInUse(Exception):
    """A container of that name exists, or is being created."""


class ContainerStore:
    """Finds and changes containers; what does not prove to be ours is not seen."""

    def __init__(self, engine: EngineConnection, installation: Installation) -> None:
        self._engine = engine
        self._installation = installation
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def list(self, build_id: str = "") -> Sequence[Listed]:
        """Give all containers that say they are ours, of one build or of all."""
        found = await self._listed(*([f"{BUILD}={build_id}"] if build_id else []))
        return [Listed(item["Id"], item["Names"][0].removeprefix("/"), item["State"]) for item in found]

    async def _listed(self, *labels: str) -> Sequence[Mapping[str, Any]]:
        filters = json.dumps({"label": [f"{INSTANCE}={self._installation.instance}", *labels]})
        with self._engine.errors(), self._engine.refusals():
            found: Sequence[Mapping[str, Any]] = await self._engine.json("containers/json", all="1", filters=filters)
        return found

    async def claimed_builds(self) -> frozenset[str]:
        """Give the ids of all builds that containers say they are of, also of those that cannot be read here."""
        return frozenset(item["Labels"].get(BUILD, "") for item in await self._listed())

    async def signed_for(self, build_id: str) -> Sequence[str]:
        """Give the ids of all containers of ours that belong to a build, also of a kind that is not known here."""
        prefix = f"/r2d-{self._installation.instance}-"
        found = await self._listed(f"{BUILD}={build_id}")
        ours = [item for item in found if is_signed(self._installation, item["Labels"])]
        return [item["Id"] for item in ours if item["Names"][0].startswith(prefix)]

    async def works(self) -> dict[str, Work]:
        """Give all builds with their containers, as they are now."""
        return pair(await self._containers())

    async def orphans(self) -> Sequence[Container]:
        """Give the pushers and claims whose builder was removed: a builder is always created first."""
        found = await self._containers()
        works = pair(found)
        return [container for container in found if container.card.plan.id not in works]

    async def lookers(self) -> Mapping[str, str]:
        """Give the ids of containers by which pushers look into images, by build; none of them was ever started."""
        filters = {"name": [f"^/{look_name(self._installation, '')}"], "status": ["created"]}
        with self._engine.errors(), self._engine.refusals():
            found = await self._engine.json("containers/json", all="1", filters=json.dumps(filters))
        builds = {
            looking_build(self._installation, item["Names"][0].removeprefix("/")): item["Id"]
            for item in found
            # The name alone anybody can have given.
            if item["Command"] == NEVER_RUN
        }
        return {build_id: identifier for build_id, identifier in builds.items() if build_id}

    async def _containers(self) -> Sequence[Container]:
        found = await asyncio.gather(*(self.get(item.id) for item in await self.list()))
        return [container for container in found if container is not None]

    async def get(self, name: str) -> Container | None:
        """Give a container by name or id, or None when there is none of ours."""
        async with self._slots:
            return await self._get(name)

    async def _get(self, name: str) -> Container | None:
        with self._engine.errors(), self._engine.refusals():
            try:
                return read_container(self._installation, await self._engine.json(f"containers/{name}/json"))
            except DockerError as error:
                if error.status == 404:
                    return None
                raise

    async def appears(self, name: str) -> Container | None:
        """Give the container whose name is taken; the engine reserves a name some time before it can be seen."""
        deadline = asyncio.get_running_loop().time() + _APPEARS
        while asyncio.get_running_loop().time() < deadline:
            container = await self.get(name)
            if container is not None:
                return container
            await asyncio.sleep(_POLL)
        return None

    async def create(self, card: Card, description: dict[str, Any]) -> str:
        """Create a container under its card's name and give its id.

        Raises:
            NameInUse: somebody else was first.
            DockerError: the engine refuses; 404 means that the image is not there.
        """
        with self._engine.errors():
            try:
                created = await self._engine.docker.containers.create(description, name=card.name)
            except DockerError as error:
                if error.status == 409:
                    raise NameInUse(card.name) from error
                raise
        return created.id

    async def has(self, identifier: str, path: str = READY) -> bool:
        """Whether a file is in a container."""
        with self._engine.errors(), contextlib.suppress(DockerError):
            await self._engine.head(f"containers/{identifier}/archive", path=path)
            return True
        return False

    async def put(self, identifier: str, content: bytes) -> None:
        """Unpack an archive under ``/run`` of a container, if there is such a one."""
        await self._on(identifier, lambda _: self._put(identifier, content), 404)

    async def put_credentials(self, identifier: str, config: bytes) -> None:
        """Put in what the launcher is to know; refused by one that has taken it already."""
        await self._put_secrets(identifier, {credentials.FILE: config})

    async def put_sealed(self, identifier: str, sealed: bytes) -> None:
        """Put credentials into a builder that only this service can read."""
        await self._put_secrets(identifier, {credentials.SEALED: sealed})

    async def erase_credentials(self, identifier: str) -> None:
        """Leave no credentials in a container, in whatever form."""
        await self._put_secrets(identifier, {credentials.FILE: b"{}", credentials.SEALED: b""})

    async def _put_secrets(self, identifier: str, files: Mapping[str, bytes]) -> None:
        packed = secret_files(files)
        await self._on(identifier, lambda _: self._put(identifier, packed), 400, 404, 500)

    async def _put(self, identifier: str, content: bytes) -> None:
        # Otherwise a folder in the archive would replace a file in the container.
        flags = {"path": "/run", "noOverwriteDirNonDir": "true"}
        await self._engine.put(f"containers/{identifier}/archive", content, **flags)

    async def read(self, identifier: str, path: str) -> bytes | None:
        """Give a file of a container, or None when there is no such file."""
        with self._engine.errors():
            try:
                packed = await self._engine.docker.containers.container(identifier).get_archive(path)
            except DockerError as error:
                if error.status == 404:
                    return None
                raise
        file = packed.extractfile(packed.getmembers()[0])
        return None if file is None else file.read()

    async def start(self, identifier: str) -> None:
        """Start a container; harmless when it runs or ran already."""
        with self._engine.errors():
            await self._engine.docker.containers.container(identifier).start()

    async def mark(self, container: Container, mark: Mark) -> Mark:
        """Write what was found out about a builder into its name; what is written already holds, and is given."""
        found = await self.get(container.id)
        if found is not None and found.mark is not None:
            return found.mark
        await self._on(container.id, lambda found: found.rename(container.card.marked(mark)), 400, 404, 409)
        return mark

    async def cancel(self, identifier: str) -> None:
        """Put the marker into a container that keeps it from working, should it be started from now on."""
        name = CANCELLED.removeprefix("/run/")
        await self._on(identifier, lambda _: self._put(identifier, archive({name: b""})), 404)

    async def end(self, identifier: str) -> Container | None:
        """Signal a container until nothing runs in it, and give it as it is then."""
        for signal in [*[CANCEL.name] * _SIGNALS, *["SIGKILL"] * _SIGNALS]:
            container = await self.get(identifier)
            if container is None or not container.running:
                return container
            await self._signal(identifier, signal)
            await self._wait(identifier)
        raise BuilderUnavailable("engine", f"it does not end container {identifier[:12]}")

    async def _signal(self, identifier: str, signal: str) -> None:
        await self._on(identifier, lambda found: found.kill(signal=signal), 404, 409, 500)

    async def _wait(self, identifier: str) -> None:
        # The time-out is ours: to errors() it would look like that of a broken connection.
        with self._engine.errors(), contextlib.suppress(TimeoutError, DockerError):
            async with asyncio.timeout(_SIGNAL_AGAIN):
                await self._engine.docker.containers.container(identifier).wait()

    async def remove(self, identifier: str) -> None:
        """Remove a container that does not run, its log and its volumes; one that runs is left."""
        await self._on(identifier, lambda found: found.delete(v=True), 404, 409)

    async def _on(self, identifier: str, change: Callable[[Any], Any], *expected: int) -> None:
        with self._engine.errors():
            try:
                await change(self._engine.docker.containers.container(identifier))
            except DockerError as error:
                if error.status not in expected:
                    raise
