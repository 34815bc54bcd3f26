"""What a repository's files may try against the engine while they are built, and what comes of it."""

from __future__ import annotations

import json
import secrets

import pytest
from tests.integration.docker_builds import Repositories, inside
from tests.integration.push_places import ended, log_of
from tools.parts.docker_api import DockerApi

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.models import Build, BuildState, Reason

MARKER = "r2d-marker"
LOOK = (
    "RUN for each in /var/run/docker.sock /run/docker.sock /run/real /run/r2d; do"
    " if [ -e $each ]; then echo there: $each; else echo missing: $each; fi; done > /seen\n"
    "RUN env >> /seen; cat /proc/1/environ | tr '\\0' '\\n' >> /seen; grep ^Cap /proc/self/status >> /seen\n"
)
# A frontend is read by BuildKit alone: all that is told of it is how it ended.
LOOKING_FRONTEND = """#!/bin/sh
found=40
for each in /var/run/docker.sock /run/docker.sock /run/real /run/r2d; do
  if [ -e $each ]; then found=$((found+1)); fi
done
for each in DOCKER_HOST DOCKER_CONFIG R2D_PHASE_FD; do
  if env | grep -q "^$each="; then found=$((found+1)); fi
done
powers=$(sed -n 's/^CapEff:[^0-9a-f]*/0x/p' /proc/self/status)
if [ $((powers & (1 << 21 | 1 << 19))) -ne 0 ]; then found=$((found+10)); fi
exit $found
"""
SYS_ADMIN, SYS_PTRACE = 1 << 21, 1 << 19


async def built(builder: DockerImageBuilder, repositories: Repositories, files: dict[str, str]) -> tuple[Build, str]:
    """Build to the end, and give the log too."""
    plan, destination = repositories.plan(files)
    await builder.start(plan, destination)
    log = await log_of(builder, plan.id)
    return await ended(builder, plan.id), "\n".join(log)


async def test_a_configuration_of_repo2docker_in_a_repository_is_not_read(
    builder: DockerImageBuilder, repositories: Repositories, docker: DockerApi
) -> None:
    hostile = f"print({MARKER!r}.upper())\nopen('/tmp/{MARKER}', 'w')\nc.Repo2Docker.user_name = {MARKER!r}\n"
    places = ("", ".jupyter/", "etc/jupyter/")
    names = ("repo2docker_config.py", "repo2docker_config.json", "jupyter_config.py", "sitecustomize.py")
    files = {place + name: hostile for place in places for name in names}
    look = f"COPY . /all\nRUN ls /tmp > /seen; id >> /seen # {secrets.token_hex(4)}\n"

    build, log = await built(builder, repositories, {**files, "Dockerfile": f"FROM {{image}}\n{look}"})

    assert build.state is BuildState.SUCCEEDED, log
    assert MARKER.upper() not in log
    assert MARKER not in inside(docker, str(build.plan.image), "/seen")
    filters = json.dumps({"label": [f"{BUILD}={build.id}"]})
    for each in docker.ask("GET", "/containers/json", {"all": "1", "filters": filters}):
        assert MARKER not in json.dumps(docker.ask("GET", f"/containers/{each['Id']}/changes"))


async def test_a_step_finds_neither_the_engine_nor_anything_of_ours(
    builder: DockerImageBuilder, repositories: Repositories, docker: DockerApi
) -> None:
    files = {"Dockerfile": f"FROM {{image}}\nRUN true {secrets.token_hex(4)}\n{LOOK}"}
    build, log = await built(builder, repositories, files)

    assert build.state is BuildState.SUCCEEDED, log
    seen = inside(docker, str(build.plan.image), "/seen")
    assert "there:" not in seen
    assert seen.count("missing: ") == 4
    names = {line.partition("=")[0] for line in seen.splitlines() if "=" in line}
    assert not names & {"DOCKER_HOST", "DOCKER_CONFIG", "R2D_PHASE_FD", "REPO2DOCKER_SERVICE_TOKEN"}
    powers = {int(line.split()[1], 16) for line in seen.splitlines() if line.startswith(("CapEff", "CapPrm"))}
    assert powers
    assert not any(each & (SYS_ADMIN | SYS_PTRACE) for each in powers)


@pytest.mark.parametrize("flag", ["--network=host", "--security=insecure", "--mount=type=ssh,required"])
async def test_a_step_that_asks_for_more_than_others_have_is_refused(
    builder: DockerImageBuilder, repositories: Repositories, flag: str
) -> None:
    files = {"Dockerfile": f"FROM {{image}}\nRUN {flag} echo {MARKER} {secrets.token_hex(4)} > /seen\n"}
    build, log = await built(builder, repositories, files)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.BUILD_FAILED)
    assert log.endswith("A step of the build failed.")


async def test_a_frontend_of_its_own_that_cannot_be_had_fails_the_build(
    builder: DockerImageBuilder, repositories: Repositories
) -> None:
    files = {"Dockerfile": f"# syntax=localhost:1/evil/frontend:{secrets.token_hex(4)}\nFROM {{image}}\n"}
    build, log = await built(builder, repositories, files)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.BUILD_FAILED)
    assert "evil/frontend" in log


async def test_a_frontend_of_its_own_that_can_be_had_finds_no_more_than_a_step(
    builder: DockerImageBuilder, repositories: Repositories
) -> None:
    made = 'FROM {image}\nCOPY look /look\nENTRYPOINT ["/look"]\n'
    frontend, log = await built(builder, repositories, {"Dockerfile": made, "look": LOOKING_FRONTEND})
    assert frontend.state is BuildState.SUCCEEDED, log

    files = {"Dockerfile": f"# syntax={frontend.plan.image}\nFROM {{image}}\n"}
    build, log = await built(builder, repositories, files)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.BUILD_FAILED)
    assert "exit code: 40" in log
