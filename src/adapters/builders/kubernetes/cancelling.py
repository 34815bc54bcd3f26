"""Ends a build at any moment, so that nothing of it runs and no image of it appears afterwards.

First it is written down that somebody wants this: from then on nobody lets it begin. A pod in which something runs is
ended by its own deadline, by which the cluster keeps it and its log; one that has not begun is taken back.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from repo2docker_service.adapters.builders.kubernetes.crew import Crew
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, GRACE, PUSHER
from repo2docker_service.adapters.builders.kubernetes.records import End, end_of
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.told import Pod
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import BuilderUnavailable, BuildFinished, RegistryUnavailable
from repo2docker_service.domain.models import BuildState

_PATIENCE: Final = 60.0 + GRACE
"""Seconds that the cluster may take to end a pod."""
_POLL: Final = 0.2


async def cancel_work(crew: Crew, build_id: str, *, patient: bool = True) -> None:
    """Cancel a build that has not ended.

    Args:
        crew: what knows cluster and registry.
        build_id: the build.
        patient: where the registry does not say whether the image was delivered, leave the end open for now.

    Raises:
        BuildFinished: it has ended otherwise, or its image was delivered.
        BuilderUnavailable: the cluster does not end its pod.
        RegistryUnavailable: the registry does not answer, and is asked again by whoever goes on with this.
    """
    work = await crew.store.want_cancelled(build_id)
    end = work.job.end or (None if work.job.cancelled else end_of(work.build(), finished_at=datetime.now(UTC)))
    if end is None:
        work = await _stopped(crew, work)
        end = work.job.end or await _end(crew, work, patient=patient)
        # Before the end is known: whoever is stopped here is followed by somebody who does this again.
        await crew.store.drop_secrets(work.job.name)
        end = await crew.store.record(build_id, end)
    if end.state is not BuildState.CANCELLED:
        raise BuildFinished(build_id, end.state)


async def _end(crew: Crew, work: Work, *, patient: bool) -> End:
    if await _is_delivered(crew, work, patient=patient):
        return end_of(
            replace(work.build(), state=BuildState.SUCCEEDED, digest=work.digest), finished_at=datetime.now(UTC)
        )
    started = work.pod.builder.started_at if work.pod else None
    return End(BuildState.CANCELLED, finished_at=datetime.now(UTC), started_at=started)


async def _stopped(crew: Crew, work: Work) -> Work:
    """Give a build once nothing of it runs."""
    try:
        async with asyncio.timeout(_PATIENCE):
            told = ""
            while (work := await crew.store.work(work.id)).running and not work.job.end:
                if work.pod is not None and work.pod.begun:
                    if told != work.pod.uid:
                        await crew.store.end_pod(work.pod)
                        told = work.pod.uid
                else:
                    await crew.store.take_back(work.id)
                await asyncio.sleep(_POLL)
            await _gone(crew, work)
    except TimeoutError as error:
        work = await crew.store.work(work.id)
        # One that is being removed and stays is on a node that is gone: nobody can end it, and it ends with its node.
        if work.pod is None or not work.pod.leaving:
            raise BuilderUnavailable("cluster", f"it does not end the pod of build {work.id}") from error
        return work
    if work.pod is not None:
        await _silent(crew, work.pod)
    return work


async def _gone(crew: Crew, work: Work) -> None:
    """Wait until a pod that was taken back is not there any more."""
    while not work.job.let_go and work.pod is not None and not work.pod.over:
        await asyncio.sleep(_POLL)
        work = await crew.store.work(work.id)


async def _silent(crew: Crew, pod: Pod) -> None:
    # That a pod has failed is told before its containers have ended.
    for name, container in ((BUILDER, pod.builder), (PUSHER, pod.pusher)):
        if container.started_at is not None and container.exit_code is None:
            await crew.store.silence(pod, name)


async def _is_delivered(crew: Crew, work: Work, *, patient: bool) -> bool:
    pod, card = work.pod, work.job.card
    if not (work.job.complete if pod is None else pod.pusher.started_at):
        return False
    if not card.push or crew.support is None:
        return pod is None or pod.pusher.exit_code == 0
    try:
        await crew.support.verify_push(card.plan.image, work.digest, card.plan.id)
    except NotDelivered:
        return False
    except RegistryUnavailable:
        if patient:
            raise
        return False
    return True
