"""Records a build: the container's name is the lock that only one build of an image can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.labels import Card, Mark
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.builders.docker.store import NameInUse
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, BuildPlan, Destination

_TRIES: Final = 5


async def start_build(crew: Crew, plan: BuildPlan, destination: Destination) -> Build | None:
    """Create the build's container, or give the build that holds the image's name and has not ended."""
    card = await crew.builder_card(plan, destination)
    for _ in range(_TRIES):
        try:
            await crew.create(card)
        except NameInUse:
            holder = await _holder(crew, card)
            if holder is None:
                continue
            if not holder.state.ended:
                return replace(holder.build(), joined=True)
            await crew.store.mark(holder.builder, Mark.RETIRED)
        else:
            return None
    raise BuilderUnavailable("engine", f"the name {card.name} is held by something else")


async def _holder(crew: Crew, card: Card) -> Work | None:
    container = await crew.store.appears(card.name)
    if container is None:
        return None
    build_id = container.card.plan.id
    return (await crew.store.works(build_id)).get(build_id)
