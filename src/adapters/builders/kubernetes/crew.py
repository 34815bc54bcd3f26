"""Makes the Jobs of builds, and gives them what they need when their turn has come."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.containers.sealed import CredentialsGone, CredentialsSeal
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, GIT_SECRET, PUSH_SECRET, PUSHER, Recipe
from repo2docker_service.adapters.builders.kubernetes.records import job_name, number_of
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import JobStore, NameInUse
from repo2docker_service.adapters.pushing import NotDelivered, PushSupport
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import BuildPlan, Destination
from repo2docker_service.domain.rebuilds.build_settings import written_settings

_TRIES: Final = 8
_CREDENTIALS_FILE: Final = "config.json"
OPEN: Final = "The registry shows images to everybody by now, and this one is private. Tell an administrator."


@dataclass
class Crew:
    """Knows how a build's Job is made."""

    store: JobStore
    recipe: Recipe
    image: str
    seal: CredentialsSeal
    log: logging.Logger
    support: PushSupport | None = None
    """The registry's, where images are pushed."""

    def settings(self) -> str:
        """Give what images record of the administrator's settings; of the repo2docker image that is its name."""
        chosen = self.recipe.settings
        return written_settings(
            {
                "repo2docker": self.image,
                "appendix": chosen.appendix,
                "user": [chosen.user_id, chosen.user_name],
                "target_repo_dir": chosen.target_repo_dir,
                "extra_config": chosen.extra_config,
            }
        )

    async def start(self, plan: BuildPlan, destination: Destination, credentials: Credentials | None) -> str:
        """Make a build's Job, or give the id of the build of that image which has not ended.

        Every build of an image has the next number. Whoever sees that all earlier ones have ended may make the next
        Job, and only one of those who do gets its name.
        """
        for _ in range(_TRIES):
            known = await self.store.of_image(plan.image)
            for work in known:
                # A call that was not answered is made again.
                if work.id == plan.id or not work.state.ended:
                    return work.id
            number = 1 + max((number_of(work.job.name) for work in known), default=0)
            try:
                await self._create(plan, destination, credentials, number)
            except NameInUse:
                continue
            return plan.id
        raise BuilderUnavailable("cluster", f"the names of builds of {plan.image} are held by something else")

    async def _create(
        self, plan: BuildPlan, destination: Destination, credentials: Credentials | None, number: int
    ) -> None:
        card = Card(
            kind=Kind.BUILDER,
            name=job_name(self.store.installation, plan.image, number),
            plan=plan,
            push=destination.push,
            builder_image=self.image,
            settings=self.settings(),
            sealed=credentials is not None,
        )
        sealed = self.seal.seal(plan, credentials).decode() if credentials is not None else ""
        await self.store.create(self.recipe.job(card, await self.store.cluster.version(), sealed))

    async def begin(self, work: Work) -> None:
        """Give a build what it needs and let the cluster run it.

        Raises:
            Changed: somebody has cancelled it, or let it begin.
            CredentialsGone: what opens its repository cannot be had any more.
            NotDelivered: its image must not go where it was to go.
            RegistryUnavailable: what opens the registry cannot be had now.
        """
        card, uid = work.job.card, work.job.uid
        secrets = {BUILDER: self.recipe.builder_files(card), PUSHER: self.recipe.pusher_files(card)}
        if card.push:
            secrets[PUSH_SECRET] = {_CREDENTIALS_FILE: await self._push_config(card)}
        if card.sealed:
            secrets[GIT_SECRET] = self._git_credentials(work)
        for kind, files in secrets.items():
            await self.store.put_secret(self.recipe.secret(card, uid, kind, files))
        await self.store.let_go(work)

    async def _push_config(self, card: Card) -> bytes:
        if self.support is None:
            return b"{}"
        if card.plan.private and not await self.support.guards(card.plan.image):
            raise NotDelivered(OPEN)
        return await self.support.push_config()

    def _git_credentials(self, work: Work) -> Mapping[str, bytes]:
        if not work.job.sealed:
            raise CredentialsGone
        return {_CREDENTIALS_FILE: self.seal.open(work.job.card.plan, work.job.sealed.encode())}
