"""Ends a build at any moment, so that nothing of it runs and no image of it appears afterwards.

First the pusher's name is taken, so that nobody can deliver any more. Then a marker goes into the builder, which keeps
it from working even if a start is on its way; then its name says that it was cancelled; then it is signalled until
nothing runs.
"""

from __future__ import annotations

from repo2docker_service.adapters.builders.containers.cards import Kind, pusher_name
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.builders.docker.store import NameInUse
from repo2docker_service.domain.errors import BuilderUnavailable, BuildFinished
from repo2docker_service.domain.models import BuildState


async def cancel_work(crew: Crew, work: Work) -> None:
    """Cancel a build that has not ended.

    Raises:
        BuildFinished: its image was delivered before.
    """
    try:
        await crew.create(crew.pusher_card(work.builder.card, Kind.CLAIM))
    except NameInUse:
        await _stop_pusher(crew, work)
    else:
        await _see_it_had_not_ended(crew, work)
    await crew.stop(work.builder, BuildState.CANCELLED)


async def _see_it_had_not_ended(crew: Crew, work: Work) -> None:
    """Leave a build alone that failed by itself before the claim: people may have seen it fail."""
    builder = await crew.store.get(work.builder.id)
    found = None if builder is None else Work(builder)
    if found is not None and found.state is BuildState.FAILED:
        # Where there is a claim, nobody else records how it ended.
        await crew.store.mark(found.builder, found.mark)
        raise BuildFinished(work.id, BuildState.FAILED)


async def _stop_pusher(crew: Crew, work: Work) -> None:
    """Stop the pusher that was there before us, or the claim of somebody who cancels at the same time."""
    name = pusher_name(crew.installation, work.id)
    if await crew.store.appears(name) is None:
        raise BuilderUnavailable("engine", f"the name {name} is held by something else")
    await crew.store.cancel(name)
    await crew.erase_credentials(name, crew.pusher_card(work.builder.card, Kind.PUSHER))
    pusher = await crew.store.end(name)
    ended = None if pusher is None else Work(work.builder, pusher).state
    if pusher is not None and pusher.exited and ended is not BuildState.CANCELLED:
        raise BuildFinished(work.id, BuildState.SUCCEEDED if pusher.succeeded else BuildState.FAILED)
