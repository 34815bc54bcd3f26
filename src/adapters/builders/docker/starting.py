"""Records a build: the container's name is the lock that only one build of an image can hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.labels import Card, Mark
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.builders.docker.store import NameInUse
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, BuildPlan, Destination

_TRIES: Final = 5
_APPEARS: Final = 2.0
"""Seconds within which a container whose name is taken can be seen; the engine reserves the name first."""
_POLL: Final = 0.01


async def start_build(crew: Crew, plan: BuildPlan, destination: Destination) -> Build:
    """Create the build's container, or join the build that holds the image's name and has not ended."""
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
            return (await crew.store.works(plan.id))[plan.id].build()
    raise BuilderUnavailable("engine", f"the name {card.name} is held by something else")


async def _holder(crew: Crew, card: Card) -> Work | None:
    deadline = asyncio.get_running_loop().time() + _APPEARS
    while asyncio.get_running_loop().time() < deadline:
        container = await crew.store.get(card.name)
        if container is not None:
            build_id = container.card.plan.id
            return (await crew.store.works(build_id)).get(build_id)
        await asyncio.sleep(_POLL)
    return None
