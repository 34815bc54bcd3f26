"""Records a build: the container's name is the lock that only one build of an image can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from repo2docker_service.adapters.builders.containers.cards import Card
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.builders.docker.store import NameInUse
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound
from repo2docker_service.domain.models import BuildPlan, Destination

_TRIES: Final = 5


async def start_build(
    crew: Crew,
    view: LiveView,
    plan: BuildPlan,
    destination: Destination,
    *,
    anew: bool = False,
    credentials: Credentials | None = None,
) -> Work:
    """Create the build's container without its files, or give the build that has the image's name and has not ended."""
    await view.ready()
    card = await crew.builder_card(plan, destination, () if anew else list(view.works.values()))
    if credentials is not None and not card.kept:
        card = replace(card, sealed=True)
    for _ in range(_TRIES):
        try:
            identifier = await crew.record(card, credentials)
        except NameInUse:
            holder = await _holder(crew, view, card)
            if holder is None:
                continue
            if not holder.state.ended:
                return holder
            await crew.store.mark(holder.builder, holder.mark)
        else:
            await view.refresh(identifier)
            work = view.works.get(plan.id) or await view.work(plan.id)
            if work.state.ended:
                # Cancelled before its files were in it.
                await crew.erase_credentials(identifier, card)
            return work
    raise BuilderUnavailable("engine", f"the name {card.name} is held by something else")


async def _holder(crew: Crew, view: LiveView, card: Card) -> Work | None:
    container = await crew.store.appears(card.name)
    if container is None:
        return None
    try:
        return await view.work(container.card.plan.id)
    except BuildNotFound:
        return None
