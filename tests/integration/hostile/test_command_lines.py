"""What people give stays what it is: one word of a command line, and never a command."""

from __future__ import annotations

import json
import random
import string
from dataclasses import replace

import httpx
from tests.integration.conftest import MakeRepository, address
from tests.integration.docker_builds import Repositories, inside
from tools.parts.docker_api import DockerApi
from tools.parts.git_server import GitServer
from tools.service import build

from repo2docker_service.adapters.builders.containers.plans import FOLDER
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import ENTRYPOINT
from repo2docker_service.domain.inputs import check_build_args, check_source
from repo2docker_service.domain.models import Source

PIECES = [
    "-",
    "--",
    "=",
    " ",
    "$(id)",
    "`id`",
    ";id",
    "|",
    "&",
    "'",
    '"',
    "\\",
    "%s",
    "{}",
    "*",
    "ü",
    *string.ascii_letters,
]
HOSTILE = [
    "--",
    "-v /:/host",
    "--config=/etc/passwd",
    "$(touch /pwned)",
    "`touch /pwned`",
    ";touch /pwned;",
    "' ; touch /pwned ; '",
    '" ; touch /pwned ; "',
    "a=b=c",
    "\\",
    "größe 日本",
    "${HOME}",
]


async def test_the_engine_is_told_what_is_asked_for_word_for_word(
    stopped: DockerImageBuilder, docker: DockerApi, repositories: Repositories
) -> None:
    chosen = random.Random(8)

    def word() -> str:
        return "".join(chosen.choices(PIECES, k=12))

    for number in range(8):  # of fifty words each
        args = dict(check_build_args({f"A{each}": word() for each in range(50)}))
        source = check_source(Source(f"https://example.org/{number}", "main", f"a{word()}".replace("\\", "")))
        plan, destination = repositories.plan_of(source.address, "a" * 40, build_args=args)
        plan = replace(plan, source=source)
        await stopped.start(plan, destination)
        container = (await stopped._view.work(plan.id)).builder.id

        told = docker.ask("GET", f"/containers/{container}/json")
        written = json.loads(await stopped._store.read(container, f"{FOLDER}/plan.json") or b"")

        assert [told["Path"], *told["Args"]] == [*ENTRYPOINT, "build"]
        assert written["argv"][6:] == [
            f"--ref={'a' * 40}",
            f"--subdir={source.subdir}",
            *(f"--build-arg={name}={value}" for name, value in sorted(args.items())),
            "--",
            source.address,
        ]


def test_a_step_of_the_build_gets_what_is_asked_for_and_nothing_of_it_is_run(
    client: httpx.Client, docker: DockerApi, git: GitServer, make_repository: MakeRepository, image: str
) -> None:
    args = {f"A{number}": text for number, text in enumerate(HOSTILE)}
    folder, branch = "a b;$(touch pwned) --x", "$(touch${IFS}pwned);--x"
    steps = [f"FROM {image}", *(f"ARG {name}" for name in args)]
    steps.append("RUN printf '%s\\n' " + " ".join(f'"${name}"' for name in args) + " > /seen; ls / > /listed")
    repository = make_repository()
    commit = repository.commit({f"{folder}/Dockerfile": "\n".join([*steps, ""])}, "The only one", branch)

    ended = build(client, repo=address(git, repository), ref=branch, subdir=folder, build_args=args)

    assert (ended["state"], ended["commit"]) == ("succeeded", commit)
    assert inside(docker, ended["image"], "/seen").splitlines() == HOSTILE
    assert "pwned" not in inside(docker, ended["image"], "/listed")
