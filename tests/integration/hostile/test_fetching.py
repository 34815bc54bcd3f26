"""A repository leads the builder's git to no address that nobody asked for, and out of no folder."""

from __future__ import annotations

import secrets

import pytest
from tests.integration.docker_builds import Repositories
from tests.integration.push_places import ended, log_of
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository, Submodule

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, Reason

NOTHING = {"Dockerfile": "FROM scratch\nCOPY . /all/\n"}
COMMIT = "c0ffee" * 6 + "c0ff"


def planned(repositories: Repositories, modules: str, commit: str = COMMIT) -> tuple[BuildPlan, Destination]:
    """Plan a build of a repository with a submodule."""
    repository = Repository(repositories.git.root, f"{secrets.token_hex(4)}/example.git")
    made = repository.commit(NOTHING | {".gitmodules": modules, "x": Submodule(commit)}, "The only one")
    return repositories.plan_of(f"{repositories.git.url}/{repository.name}", made)


async def failed(builder: DockerImageBuilder, plan: BuildPlan, destination: Destination) -> str:
    """Give the log of a build whose source cannot be fetched."""
    build = await ended(builder, (await builder.start(plan, destination)).id)
    log = await log_of(builder, plan.id)
    assert (build.state, build.reason) == (BuildState.FAILED, Reason.SOURCE_UNREACHABLE), log
    return "\n".join(log)


@pytest.mark.parametrize("where", ["", "/info/refs", "/git-upload-pack"])
async def test_a_clone_follows_no_redirect(
    builder: DockerImageBuilder, repositories: Repositories, git: GitServer, inside: GitServer, where: str
) -> None:
    name = f"{secrets.token_hex(4)}/example.git"
    commit = Repository(inside.root, name).commit({"secret": "x"}, "Inside")
    Repository(git.root, name).commit({"a": "b"}, "Outside")
    git.redirects[f"/{name}{where}"] = f"{inside.url}/{name}{where}"
    plan, destination = repositories.plan_of(f"{git.url}/{name}", commit)

    build = await ended(builder, (await builder.start(plan, destination)).id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.SOURCE_UNREACHABLE)
    assert any(each.path.startswith(f"/{name}") for each in git.requests)
    assert inside.requests == []


async def test_a_submodule_follows_no_redirect(
    builder: DockerImageBuilder, repositories: Repositories, git: GitServer, inside: GitServer
) -> None:
    folder = f"/{secrets.token_hex(4)}"
    git.redirects[folder] = f"{inside.url}{folder}"
    modules = f'[submodule "x"]\n\tpath = x\n\turl = {git.url}{folder}/x.git\n'

    log = await failed(builder, *planned(repositories, modules))

    assert log.endswith("A submodule of the repository could not be fetched.")
    assert any(each.path.startswith(folder) for each in git.requests)
    assert inside.requests == []


TRANSPORTS = {
    "a folder": "/run/r2d",
    "a file": "file:///run/r2d",
    "a program": "ext::sh -c touch% /tmp/pwned",
    "ssh": "ssh://-oProxyCommand=id/x",
    "git": "git://127.0.0.1/x",
    "another helper": "fd::17",
}


@pytest.mark.parametrize("address", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_a_submodule_is_fetched_over_http_or_not_at_all(
    builder: DockerImageBuilder, repositories: Repositories, address: str
) -> None:
    modules = f'[submodule "x"]\n\tpath = x\n\turl = "{address}"\n'

    log = await failed(builder, *planned(repositories, modules))

    assert "transport '" in log or "strange" in log or "No url found" in log or "does not exist" in log, log


PLACES = {
    "above": ("x", "../../escaped"),
    "in git's own folder": ("x", ".git/hooks"),
    "named above": ("../../escaped", "x"),
    "an option": ("x", "-x"),
}


@pytest.mark.parametrize(("name", "path"), PLACES.values(), ids=PLACES)
async def test_a_submodule_lands_nowhere_but_in_its_repository(
    builder: DockerImageBuilder, repositories: Repositories, git: GitServer, name: str, path: str
) -> None:
    other = Repository(git.root, f"{secrets.token_hex(4)}/other.git")
    commit = other.commit({"pwned": "x"}, "Other")
    modules = f'[submodule "{name}"]\n\tpath = {path}\n\turl = {git.url}/{other.name}\n'

    await failed(builder, *planned(repositories, modules, commit))

    assert not any(each.path.startswith(f"/{other.name}") for each in git.requests)
