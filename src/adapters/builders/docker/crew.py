"""Makes and starts the containers of builds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.containers.cards import Card, Kind, Mark, builder_name, pusher_name
from repo2docker_service.adapters.builders.containers.plans import BuildSettings, Limits, temporary_name
from repo2docker_service.adapters.builders.containers.sealed import CredentialsGone, CredentialsSeal
from repo2docker_service.adapters.builders.docker.builder_image import BuilderImage, id_of
from repo2docker_service.adapters.builders.docker.containers import CANCELLED, SEALED, container, content
from repo2docker_service.adapters.builders.docker.states import Container, Work, has_waited_too_long
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.adapters.pushing import PushSupport
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, Destination, Reason
from repo2docker_service.domain.rebuilds.build_settings import written_settings

_TRIES: Final = 3
_DISK_FULL: Final = "no space left on device"
_OTHERS_FILL: Final = 2.0
"""Seconds that whoever created a container has to put its files in, before another replica does."""
_NOBODY_ELSE_SEALS: Final = 15.0
"""Seconds that it has to put credentials in, without which the build ends."""
_POLL: Final = 0.02
_KNOWN_FOR: Final = 5.0
"""Seconds for which it is not asked again which repo2docker image the engine has."""
_SHORT_PATIENCE: Final = 1.0
"""Seconds for which that is waited for."""


@dataclass
class Crew:
    """Knows how a container of each kind is made."""

    engine: EngineConnection
    installation: Installation
    store: ContainerStore
    image: str
    limits: Limits
    settings: BuildSettings
    log: logging.Logger
    support: PushSupport | None = None
    """The registry's, where images are pushed."""
    builder_image: BuilderImage = field(init=False)
    seal: CredentialsSeal = field(init=False)
    _known_settings: str = ""
    _ask_again: float = float("-inf")

    def __post_init__(self) -> None:
        self.builder_image = BuilderImage(self.engine, self.image, self.log)
        self.seal = CredentialsSeal(self.installation)

    async def builder_card(self, plan: BuildPlan, destination: Destination, works: Iterable[Work] = ()) -> Card:
        """Give the card of a new build's builder.

        Args:
            plan: what to build.
            destination: where the image goes.
            works: earlier builds; the image of one that only could not be delivered is not made again.
        """
        settings = self.written_settings(await self.builder_image.id())
        return Card(
            kind=Kind.BUILDER,
            name=builder_name(self.installation, plan.image),
            plan=plan,
            push=destination.push,
            builder_image=self.image,
            settings=settings,
            kept=await self._kept(plan, settings, works),
        )

    async def _kept(self, plan: BuildPlan, settings: str, works: Iterable[Work]) -> str:
        undelivered = [
            work.builder
            for work in works
            if work.builder.card.plan.image == plan.image
            and work.builder.card.settings == settings
            and work.reason is Reason.PUSH_FAILED
        ]
        latest = max(undelivered, key=lambda builder: builder.created_at, default=None)
        return latest.card.made_by if latest and await id_of(self.engine, temporary_name(latest.card)) else ""

    async def known_settings(self) -> str:
        """Give what images record of the settings now, or did a moment ago; empty while nothing is known.

        That is so until the engine has first told of its repo2docker image.
        """
        now = asyncio.get_running_loop().time()
        if now > self._ask_again:
            self._ask_again = now + _KNOWN_FOR
            with contextlib.suppress(BuilderUnavailable), self.engine.errors(), self.engine.refusals():
                # Whoever lists images does not wait for an engine that hangs.
                async with asyncio.timeout(_SHORT_PATIENCE):
                    image_id = await self.builder_image.known_id()
                self._known_settings = self.written_settings(image_id) if image_id else ""
        return self._known_settings

    def written_settings(self, image_id: str) -> str:
        """Write all that the administrator's settings add to an image, for the id of a repo2docker image."""
        chosen = self.settings
        return written_settings(
            {
                "repo2docker": image_id,
                "appendix": chosen.appendix,
                "user": [chosen.user_id, chosen.user_name],
                "target_repo_dir": chosen.target_repo_dir,
                "extra_config": chosen.extra_config,
            }
        )

    async def record(self, card: Card, credentials: Credentials | None = None) -> str:
        """Create a container without its files, but with what opens the repository: only this process has that.

        Raises:
            NameInUse: it exists already.
        """
        identifier = await self.store.create(card, container(card, self.installation, self.limits))
        if card.sealed and credentials is not None:
            await self.store.put_sealed(identifier, self.seal.seal(card.plan, credentials))
        return identifier

    async def create(self, card: Card) -> str:
        """Create a container with its files.

        Raises:
            NameInUse: it exists already.
        """
        identifier = await self.record(card)
        await self.fill(identifier, card)
        return identifier

    async def fill(self, identifier: str, card: Card) -> None:
        """Put its files into a container; one that is gone needs none."""
        await self.store.put(identifier, content(card, self.installation, self.limits, self.settings))

    async def start(self, identifier: str, card: Card) -> None:
        """Start a container that has its files; just before, it gets the credentials that it needs.

        Raises:
            RegistryUnavailable: a pusher's cannot be had now.
            CredentialsGone: a builder's cannot be had any more.
        """
        if card.kind is Kind.PUSHER and card.push and self.support is not None:
            await self.store.put_credentials(identifier, await self.support.push_config())
        if card.sealed:
            sealed = await self.store.read(identifier, SEALED)
            await self.store.put_credentials(identifier, self.seal.open(card.plan, sealed))
        await self.store.start(identifier)

    def pusher_card(self, builder: Card, kind: Kind) -> Card:
        """Give the card of a build's pusher, or of the claim that takes its place."""
        return Card(
            kind=kind,
            name=pusher_name(self.installation, builder.plan.id),
            plan=builder.plan,
            push=builder.push,
            builder_image=builder.builder_image,
            settings=builder.settings,
            kept=builder.kept,
        )

    async def launch(self, container: Container, builder: Container) -> None:
        """Start a container that waits; when the engine refuses again and again, the builder is marked as such."""
        reason = Reason.INTERNAL
        for attempt in range(_TRIES):
            await asyncio.sleep(max(attempt - 1, 0))  # the second try comes at once
            try:
                await self._see_filled(container)
                # What was seen to wait may have been ended or started while its files were waited for.
                if not await self._still_waits(container, builder):
                    return
                if has_waited_too_long(container):
                    await self._give_up(container)
                    return
                await self.start(container.id, container.card)
            except CredentialsGone:
                await self._give_up(container)
                return
            except DockerError as error:
                # Somebody else was quicker; otherwise something that the container needs is missing.
                if not await self._still_waits(container, builder):
                    return
                self.log.warning("The engine cannot start %s: %s", container.name, error.message)
                reason = Reason.OUT_OF_RESOURCES if _DISK_FULL in str(error.message) else Reason.INTERNAL
            else:
                return
        await self.erase_credentials(container.id, container.card)
        await self.store.mark(builder, reason)

    async def _still_waits(self, container: Container, builder: Container) -> bool:
        found, owner = await self.store.get(container.id), await self.store.get(builder.id)
        return found is not None and found.waiting and owner is not None and owner.mark is None

    async def _give_up(self, builder: Container) -> None:
        # Whoever cancels erases them too, and says so in the name a moment later.
        if await self._still_waits(builder, builder) and not await self.store.has(builder.id, CANCELLED):
            await self.stop(builder, Reason.SOURCE_UNREACHABLE)

    async def stop(self, builder: Container, mark: Mark) -> None:
        """Keep a builder from working, say why in its name, and end what runs of it."""
        await self.store.cancel(builder.id)
        await self.erase_credentials(builder.id, builder.card)
        await self.store.mark(builder, mark)
        await self.store.end(builder.id)
        # Somebody may have been about to start it, and its launcher was ended before it could take them.
        await self.erase_credentials(builder.id, builder.card)

    async def erase_credentials(self, identifier: str, card: Card) -> None:
        """Leave no credentials in a container that is not going to be started, and so does not take them itself."""
        if card.sealed or (card.kind is Kind.PUSHER and card.push):
            await self.store.erase_credentials(identifier)

    async def _see_filled(self, container: Container) -> None:
        began = asyncio.get_running_loop().time()
        while not await self.store.has(container.id):
            waited = asyncio.get_running_loop().time() - began
            if waited > _OTHERS_FILL and (waited > _NOBODY_ELSE_SEALS or await self._has_what_it_needs(container)):
                await self.fill(container.id, container.card)
                return
            await asyncio.sleep(_POLL)

    async def _has_what_it_needs(self, container: Container) -> bool:
        return not container.card.sealed or await self.store.has(container.id, SEALED)
