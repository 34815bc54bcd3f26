"""What a repository says of itself, links to and builds upon gets it neither secrets nor anybody else's name."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from dataclasses import replace
from pathlib import Path

from tests.integration.docker_builds import Repositories, inside
from tests.integration.private_builds import OPENS, Private, is_in
from tests.integration.push_places import PASSWORD, ended, log_of, place_to_push_to
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.registry import Setup
from tools.parts.registry_content import basic, put_image
from tools.parts.repository import Symlink

from repo2docker_service.adapters.builders.containers.in_container import git_credentials
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import SEALED
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildState, Owner, OwnerKind, Reason
from repo2docker_service.domain.records import image_labels

BOB = Owner(OwnerKind.USER, "bob")
CREDENTIALS = [SEALED, git_credentials.PLACE, "/run/r2d/docker/config.json", "/root/.docker/config.json"]
PLACES = ["/proc/self/environ", "/run/r2d/plan.json", "/run/real/docker.sock", *CREDENTIALS]
LINKS = {f"links/{number}": Symlink(place) for number, place in enumerate(PLACES)}
FOLLOWED = "for each in /all/links/*; do cat $each && echo there: $each || echo missing: $each; done > /seen 2>&1; true"


async def test_links_lead_a_build_to_nothing_but_what_its_steps_have_anyway(
    private: Private, docker: DockerApi
) -> None:
    image = private.repositories.image
    step = f"RUN {FOLLOWED} # {secrets.token_hex(8)}\n"
    copied: dict[str, str] = {"Dockerfile": f"FROM {image}\nCOPY . /all\n{step}", **LINKS}
    instructions: dict[str, str] = {"Dockerfile": Symlink("/proc/self/environ")}
    packages: dict[str, str] = {"apt.txt": Symlink("/proc/self/environ")}

    async with private.builder(concurrency=3) as builder:

        async def built(files: dict[str, str]) -> tuple[Build, str]:
            plan, destination = private.plan(files)
            await builder.start(plan, destination, credentials=OPENS)
            log = "\n".join(await log_of(builder, plan.id))
            return await ended(builder, plan.id), log

        ends = await asyncio.gather(*map(built, (copied, instructions, packages)))

    (build, log), (_, unread), (_, printed) = ends
    assert build.state is BuildState.SUCCEEDED, log
    seen = inside(docker, str(build.plan.image), "/seen")
    assert [line.partition(":")[0] for line in seen.splitlines() if line.endswith(tuple(LINKS))].count("missing") == 6
    assert "GIT_CONFIG_COUNT" not in seen
    assert {end.reason for end, _ in ends[1:]} == {Reason.BUILD_FAILED}
    # BuildKit looks within what it was sent; repo2docker follows, and tells that the packages have odd names.
    assert "failed to read dockerfile" in unread
    assert "GIT_CONFIG_COUNT" in printed
    assert not is_in(*(each.encode() for each in (seen, log, unread, printed)))


async def test_labels_of_a_repository_make_its_image_nobody_elses(
    builder: DockerImageBuilder,
    engine: Engine,
    docker: DockerApi,
    installation: Installation,
    repositories: Repositories,
) -> None:
    theirs, _ = repositories.plan_of("https://example.org/theirs", "a" * 40, owner=BOB, requested_by=BOB)
    copied = image_labels(installation.signer, installation.instance, theirs, "settings")
    forged = copied | {"repo2docker-service.image.launchable": "yes", "repo2docker.repo": "https://example.org/theirs"}
    lines = [f"LABEL {name}={json.dumps(value).replace('$', chr(92) + '$')}" for name, value in forged.items()]
    plan, destination = repositories.plan({"Dockerfile": "\n".join(["FROM scratch", "COPY . /", *lines, ""])})

    await builder.start(plan, destination)
    log = await log_of(builder, plan.id)
    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        found = await registry.find(plan.image)
        listed = await registry.list()

    assert found is not None, log
    assert (found.plan, found.launchable) == (plan, False)
    assert listed.images == [found]
    labels = docker.ask("GET", f"/images/{plan.image}/json")["Config"]["Labels"]
    assert "theirs" not in json.dumps(labels)


async def test_the_credential_of_a_registry_opens_no_image_to_build_upon(
    tmp_path: Path, engine: Engine, repositories: Repositories
) -> None:
    with place_to_push_to(tmp_path / "registry", repositories, engine, Setup({"ada": PASSWORD})) as place:
        theirs = f"{place.registry.host}/theirs/secret"
        put_image(place.registry.url, "theirs/secret", "one", None, auth=basic("ada", PASSWORD))
        pushed, destination = place.plan()
        plan, _ = repositories.plan({"Dockerfile": f"FROM {theirs}:one\nCOPY . /\n"})
        async with place.builder() as builder:
            await builder.start(replace(plan, image=pushed.image), destination)
            log = await log_of(builder, plan.id)
            build = await ended(builder, plan.id)
        answers = re.findall(r'"(?:HEAD|GET) /v2/theirs/secret/manifests/one HTTP/1.1" (\d+)', place.registry.log)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.BUILD_FAILED), log
    assert set(answers) == {"401"}
