"""The repo2docker image, which the engine fetches once."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderImageMissing

_PATIENCE: Final = 10.0
"""Seconds for which a request waits while the engine fetches the image."""


async def id_of(engine: EngineConnection, image: str) -> str:
    """Give the id of an image, or nothing when the engine has none of this name or id."""
    with engine.errors():
        try:
            return str((await engine.docker.images.inspect(image))["Id"])
        except DockerError as error:
            if error.status != 404:
                raise
    return ""


class BuilderImage:
    """The image that builders and pushers are made from."""

    def __init__(self, engine: EngineConnection, name: str, log: logging.Logger) -> None:
        self._engine = engine
        self._name = name
        self._log = log
        self._fetching: asyncio.Task[None] | None = None

    async def known_id(self) -> str:
        """Give its id, or nothing while the engine does not have it."""
        return await id_of(self._engine, self._name)

    async def id(self) -> str:
        """Give its id.

        Raises:
            BuilderImageMissing: the engine is still fetching it, or cannot.
        """
        identifier = await self.known_id()
        if not identifier:
            await self.fetch(patience=_PATIENCE)
            identifier = await self.known_id()
        return identifier

    async def fetch(self, patience: float | None = None) -> None:
        """Have the engine fetch it unless it has it; one fetch serves all who wait.

        Raises:
            BuilderImageMissing: it takes longer than so many seconds, and goes on; or it failed.
        """
        if await self.known_id():
            return
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        done, _ = await asyncio.wait({self._fetching}, timeout=patience)
        if not done:
            raise BuilderImageMissing(self._name)
        self._fetching.result()

    def stop_fetching(self) -> None:
        """Wait for it no longer; the engine may go on."""
        if self._fetching is not None:
            self._fetching.cancel()

    async def _fetch(self) -> None:
        self._log.warning("The engine lacks %s and fetches it; this happens once and takes minutes.", self._name)
        with self._engine.errors():
            try:
                await self._engine.docker.images.pull(self._name)
            except DockerError as error:
                raise BuilderImageMissing(self._name, error.message) from error
        self._log.warning("The engine has %s now.", self._name)
