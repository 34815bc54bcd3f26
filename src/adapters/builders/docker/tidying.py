"""Removes what builds have left on the engine and nobody needs any more."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.domain.records import INSTANCE_LABEL

_TEMPORARY: Final = re.compile(r"(.+):b-([0-9a-f]{16})", re.ASCII)


async def tidy_up(crew: Crew) -> None:
    """Remove pushers without a builder, containers that only were to be looked at, and temporary names of images."""
    for orphan in await crew.store.orphans():
        await crew.store.remove(orphan.id)
    await remove_lookers(crew)
    await remove_temporary_tags(crew)


async def remove_lookers(crew: Crew) -> None:
    """Remove containers for looking into images whose pusher was killed before it could."""
    found = await crew.store.lookers()
    if not found:
        return
    works = await crew.store.works()
    unread = await crew.store.claimed_builds() - works.keys()
    for build_id, identifier in found.items():
        pusher = works[build_id].pusher if build_id in works else None
        if build_id not in unread and (pusher is None or not pusher.running):
            await crew.store.remove(identifier)


async def remove_temporary_tags(crew: Crew) -> None:
    """Remove the temporary names of images whose build has ended without delivering them.

    Builds that cannot be read are of a later release, which knows what it has them for.
    """
    label = f"{INSTANCE_LABEL}={crew.installation.instance}"
    with crew.engine.errors():
        # Images first: a build that begins in between is then among the works.
        images = await crew.engine.json("images/json", filters=json.dumps({"label": [label]}))
    tags = [tag for image in images for tag in image["RepoTags"] or ()]
    matches = {tag: _TEMPORARY.fullmatch(tag) for tag in tags}
    # Labels are inherited: somebody's own image may carry ours under a name of theirs.
    prefix = crew.installation.image_prefix
    found = {tag: match[2] for tag, match in matches.items() if match and _is_below(prefix, match[1])}
    if not found:
        return
    works = await crew.store.works()
    # What could not be delivered waits for a build that tries again.
    wanted = [work for work in works.values() if not work.state.ended or work.may_be_sent_again]
    unread = await crew.store.claimed_builds() - works.keys()
    alive = {build_id[:16] for build_id in (*unread, *(work.builder.card.made_by for work in wanted))}
    for tag, build in found.items():
        if build not in alive:
            await remove_tag(crew, tag)


def _is_below(prefix: str, name: str) -> bool:
    """Whether a name is of our repositories, in whichever registry; the engine leaves Docker's own away."""
    repositories = (name, name.partition("/")[2])
    return any(repository == prefix or repository.startswith(f"{prefix}/") for repository in repositories)


async def remove_tag(crew: Crew, tag: str) -> None:
    """Remove a name of an image, if it is there."""
    with crew.engine.errors(), contextlib.suppress(DockerError):
        await crew.engine.docker.images.delete(tag, noprune=False)
