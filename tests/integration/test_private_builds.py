"""What opens a private repository gets to git, for that repository alone, and is nowhere else at any time."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.integration.docker_builds import ADA, inside
from tests.integration.private_builds import FROM_NOTHING, OPENS, PASSWORD, Private, is_in, queued
from tests.integration.push_places import ended, log_of
from tools.parts.docker_api import DockerApi
from tools.parts.repository import Submodule, Symlink

from repo2docker_service.adapters.builders.containers.in_container import git_credentials
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import SEALED
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.models import BuildState, Owner, OwnerKind, Reason


@dataclass
class Processes:
    """What everybody on this machine can see of all programs, while they run."""

    seen: set[bytes] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.ended.wait(0.05):
            for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
                with suppress(OSError):
                    self.seen.add(path.read_bytes())

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self.look)
        thread.start()
        try:
            yield
        finally:
            self.ended.set()
            thread.join()


async def test_it_is_nowhere_while_a_build_waits_runs_and_has_ended(
    private: Private, stopped: DockerImageBuilder, docker: DockerApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan, destination = private.plan(FROM_NOTHING)
    private.git.delays[private.path(plan)] = 0.2  # so that git is seen while it fetches
    container = await queued(stopped, plan, destination)
    assert not is_in(private.told_of(container))

    processes = Processes()
    with processes.watched():
        # The process that took the request is gone: two others want to go on at the same moment.
        async with private.builder(concurrency=2) as builder, private.builder(concurrency=2):
            build = await ended(builder, plan.id)
            log = "\n".join(await log_of(builder, plan.id))
            work = await builder._view.work(plan.id)

    assert (build.state, build.reason) == (BuildState.SUCCEEDED, None), log
    assert private.asked(private.path(plan)) == {True, False}
    assert work.pusher is not None
    with docker.open("GET", f"/images/{plan.image}/get", {}, timeout=60) as answer:
        image = answer.read()
    assert b'[remote "origin"]' in image
    assert any(b"clone" in each.split(b"\0") for each in processes.seen)
    assert not is_in(private.told_of(container), private.told_of(work.pusher.id), image, *processes.seen)
    assert not is_in(written_by(docker, container))
    assert not is_in(log.encode(), caplog.text.encode())
    assert "cannot start" not in caplog.text


def written_by(docker: DockerApi, container: str) -> bytes:
    """Read the engine's own file of a log, where it is on this machine."""
    file = Path(docker.ask("GET", f"/containers/{container}/json")["LogPath"])
    return file.read_bytes() if file.exists() else b""


DETOURS = {"plainly": "", "by dots": "{own}/../../", "by hidden dots": "{own}%2f..%2f..%2f"}


@pytest.mark.parametrize("detour", DETOURS.values(), ids=DETOURS)
async def test_a_submodule_gets_no_second_repository(private: Private, detour: str) -> None:
    secret, _ = private.plan(FROM_NOTHING)
    own = f"{secrets.token_hex(4)}/example.git"
    name = private.path(secret)[1:]
    address = f"{private.git.url}/{detour.format(own=own)}{name}"
    # Whatever way git takes to it, it is asked for the password there.
    private.git.passwords[address.removeprefix(private.git.url)] = ("ada", PASSWORD)
    modules = f'[submodule "x"]\n\tpath = x\n\turl = {address}\n'
    plan, destination = private.plan(FROM_NOTHING | {".gitmodules": modules, "x": Submodule(secret.commit)}, own)

    async with private.builder() as builder:
        build = await ended(builder, (await builder.start(plan, destination, credentials=OPENS)).id)
        log = await log_of(builder, plan.id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.SOURCE_UNREACHABLE)
    assert log[-1] == "A submodule of the repository could not be fetched."
    assert True in private.asked(private.path(plan))
    assert {"authorization" in each.headers for each in private.git.requests if name in each.path} == {False}
    assert f"'{address}'" in "\n".join(log)


async def test_a_repository_can_link_to_none_of_the_places_where_it_was(private: Private) -> None:
    folder = SEALED.rpartition("/")[0]
    places = [git_credentials.PLACE, SEALED, f"{folder}/config.json", folder, "/proc/1/environ", "/proc/7/fd/3"]
    places += ["/run/r2d/plan.json", "/proc/self/environ"]

    async with private.builder(concurrency=8, extra_repo2docker_config="c.Repo2Docker.dry_run = True") as builder:

        async def printed(place: str) -> str:
            plan, destination = private.plan({"apt.txt": Symlink(place)})
            await builder.start(plan, destination, credentials=OPENS)
            return "\n".join([line async for chunk in builder.read_log(plan.id, follow=True) for line in chunk.lines])

        logs = dict(zip(places, await asyncio.gather(*map(printed, places)), strict=True))

    # The links are followed: what can be read is printed.
    assert '"argv"' in logs["/run/r2d/plan.json"]
    assert "GIT_CONFIG_COUNT" in logs["/proc/self/environ"]
    assert not is_in("".join(logs.values()).encode())


CHOSEN = """\
from repo2docker.contentproviders import Git, Local
c.Repo2Docker.content_providers = [Local, Git]
c.Repo2Docker.dry_run = True
"""


async def test_it_is_gone_where_the_administrator_has_chosen_content_providers_too(private: Private) -> None:
    plan, destination = private.plan({"apt.txt": Symlink(git_credentials.PLACE)})

    async with private.builder(extra_repo2docker_config=CHOSEN) as builder:
        await builder.start(plan, destination, credentials=OPENS)
        log = "\n".join([line async for chunk in builder.read_log(plan.id, follow=True) for line in chunk.lines])

    assert "Picked Git content provider." in log
    assert True in private.asked(private.path(plan))
    assert not is_in(log.encode())


async def test_a_password_that_is_refused_by_now_is_a_source_that_cannot_be_reached(private: Private) -> None:
    plan, destination = private.plan(FROM_NOTHING)
    private.git.passwords[private.path(plan)] = ("ada", "another one by now")

    async with private.builder() as builder:
        build = await ended(builder, (await builder.start(plan, destination, credentials=OPENS)).id)
        log = await log_of(builder, plan.id)

    assert (build.reason, build.message) == (Reason.SOURCE_UNREACHABLE, ADVICE[Reason.SOURCE_UNREACHABLE])
    assert private.asked(private.path(plan)) == {True, False}
    assert not is_in("\n".join(log).encode())


BOB = Owner(OwnerKind.USER, "bob")
UNIQUE = "cat /proc/sys/kernel/random/uuid"
STEPS = f"""\
FROM {{image}}
# {secrets.token_hex(8)}
RUN {UNIQUE} > /step
RUN --mount=type=cache,target=/kept test -e /kept/it || {UNIQUE} > /kept/it; cp /kept/it /folder
"""


async def test_no_cache_leads_from_one_owners_private_builds_to_anybody_elses(
    private: Private, docker: DockerApi
) -> None:
    planned, _ = private.repositories.plan({"Dockerfile": STEPS})

    async with private.builder(concurrency=3) as builder:

        async def made(owner: Owner, *, is_private: bool) -> tuple[str, str]:
            fields = {"owner": owner, "private": is_private}
            plan, destination = private.repositories.plan_of(planned.source.address, planned.commit, **fields)
            build = await ended(builder, (await builder.start(plan, destination)).id)
            assert build.state is BuildState.SUCCEEDED
            return inside(docker, str(plan.image), "/step"), inside(docker, str(plan.image), "/folder")

        kinds = [(ADA, True), (BOB, True), (BOB, False)]
        first = await asyncio.gather(*(made(owner, is_private=kind) for owner, kind in kinds))
        again = await asyncio.gather(made(ADA, is_private=True), made(ADA, is_private=False))

    steps, folders = zip(*first, strict=True)
    assert (len(set(steps)), len(set(folders))) == (3, 3)
    assert [*again] == [first[0], first[-1]]
