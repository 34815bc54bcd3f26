"""Whoever owns a name can answer differently each time, and gets no request to where nobody may look.

The service looks a name up, and the container that clones looks it up again: both connect to what they have checked.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import ended, log_of
from tests.integration.raw_servers import Relay
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer, git_server
from tools.parts.repository import Repository, Submodule

from repo2docker_service.adapters import addresses
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.domain.errors import SourceForbidden
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, Destination, Reason, Source

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"


@pytest.mark.parametrize(
    "later", [[PRIVATE], [PUBLIC, PRIVATE], ["::1"], ["169.254.169.254"]], ids=["another", "one more", "v6", "metadata"]
)
async def test_a_name_that_is_given_another_address_between_two_requests_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: Sequence[str]
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == PUBLIC)
    asked: list[str] = []
    hits: list[object] = []

    def look_up(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else later

    async def hit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hits.append(writer.get_extra_info("peername"))
        writer.close()

    with git_server(tmp_path) as git:
        Repository(tmp_path, "a/b.git").commit({"a": "b"}, "One")
        relay = Relay(int(git.url.rpartition(":")[2]))
        async with await asyncio.start_server(relay.talk, PUBLIC, 0) as outside:
            port = outside.sockets[0].getsockname()[1]
            async with (
                await asyncio.start_server(hit, [PRIVATE, "::1"], port),
                GitSourceResolver(look_up=look_up) as resolver,
            ):
                with pytest.raises(SourceForbidden):
                    await resolver.resolve(Source(f"http://rebound.example:{port}/a/b.git", "main"))

        assert [request.method for request in git.requests] == ["GET"]
    assert (asked, hits) == (["rebound.example"] * 2, [])


async def failed(builder: DockerImageBuilder, planned: tuple[BuildPlan, Destination]) -> tuple[Build, list[str]]:
    """Give the end of a build whose source cannot be fetched, and its log."""
    build = await ended(builder, (await builder.start(*planned)).id)
    log = await log_of(builder, build.id)
    assert build.reason is Reason.SOURCE_UNREACHABLE, log
    return build, log


async def test_a_name_that_is_given_another_address_after_the_check_leads_no_builder_there(
    builder: DockerImageBuilder, repositories: Repositories, git: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == PUBLIC)
    repository = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
    repository.commit({"Dockerfile": "FROM scratch\nCOPY . /\n"}, "The only one")
    port = int(git.url.rpartition(":")[2])
    relay = Relay(port)

    # In this process it stands for a public address at which the repository is; in the builder for what is at its port
    # of this machine.
    async with (
        await asyncio.start_server(relay.talk, PUBLIC, port),
        GitSourceResolver(look_up=lambda *_: [PUBLIC]) as resolver,
    ):
        resolved = await resolver.resolve(Source(f"http://localhost:{port}/{repository.name}"))
    plan, destination = repositories.plan_of(resolved.clone_address, resolved.commit, public_only=resolved.public_only)
    git.requests.clear()
    _, log = await failed(builder, (plan, destination))

    assert relay.received > 0
    assert "git was kept from localhost: it leads into a private network." in log
    assert log[-1] == "The repository could not be fetched."
    assert git.requests == []


# Names that a resolver would give these addresses, of which the first one counts as public.
NAMES = f"""
from repo2docker_service.adapters import addresses
from in_container import public_proxy
names = {{"outside.example": "{PRIVATE}", "inside.example": "{PUBLIC}"}}
public_proxy.look_up = lambda host, port: [names[host]]
addresses.is_public = lambda address: str(address) == "{PRIVATE}"
"""


async def test_a_submodule_leads_no_builder_where_the_repository_itself_may_not_be(
    engine: Engine, image: str, installation: Installation, repositories: Repositories, git: GitServer
) -> None:
    port = int(git.url.rpartition(":")[2])
    other = Repository(git.root, f"{secrets.token_hex(4)}/other.git")
    modules = "".join(
        f'[submodule "{path}"]\n\tpath = {path}\n\turl = http://{host}.example:{port}/{other.name}\n'
        for path, host in (("a", "outside"), ("b", "inside"))
    )
    module = Submodule(other.commit({"a": "b"}, "The only one"))
    repository = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
    files = {"Dockerfile": "FROM scratch\nCOPY . /\n", ".gitmodules": modules, "a": module, "b": module}
    commit = repository.commit(files, "The only one")
    relay = Relay(port)

    async with (
        await asyncio.start_server(relay.talk, PUBLIC, port),
        docker_builder(engine, image, installation, extra_repo2docker_config=NAMES) as builder,
    ):
        address = f"http://outside.example:{port}/{repository.name}"
        _, log = await failed(builder, repositories.plan_of(address, commit, public_only=True))

    asked = {request.path.partition(".git")[0] for request in git.requests}
    assert {f"/{each.name}".removesuffix(".git") for each in (repository, other)} <= asked, log
    assert relay.received == 0
    assert "git was kept from inside.example: it leads into a private network." in log
    assert log[-1] == "A submodule of the repository could not be fetched."
