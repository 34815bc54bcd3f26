"""What is easily done wrong here: another commit than was meant, watchers who are lost, a ban that is gone past."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from tests.integration.binder.conftest import Binder, events, spec_of
from tests.integration.conftest import MakeRepository, address
from tests.integration.waiting import wait_for
from tools.parts.git_server import GitServer
from tools.parts.registry import running_registry
from tools.parts.repository import Repository
from tools.service import PRETENDED, configured, running_service

WATCHERS = 200


@pytest.fixture(scope="module")
def looking(git: GitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Binder]:
    """Run a service that looks refs up for real, refuses one folder, and pretends to build."""
    rules = [{"match": f"{git.url.rstrip('/')}/banned", "allow": False}]
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "source_resolver": "git", "authorizer": "token", "binder_api": True},
        "GitSourceResolver": {"rules": rules, "allow_private_networks": True},
        "InMemoryImageBuilder": {"lines": 1},
    }
    with running_service(tmp_path_factory.mktemp("looking"), configured(settings)) as service:
        yield Binder(service)


@pytest.fixture
def spec(git: GitServer, make_repository: MakeRepository) -> str:
    """Give a repository with a deep branch and an annotated tag, as a specification without its ref."""
    repository = make_repository()
    commit = repository.commit({"Dockerfile": "FROM scratch\n"}, "One")
    repository.commit({"Dockerfile": "FROM scratch\n# two\n"}, "Two", "a/x")
    repository.tag("v1", commit)
    return f"git/{quote(address(git, repository), safe='')}"


@pytest.mark.parametrize("ref", ["x", "ma*", "a%2F*", "mai?", "[m]ain", "refs%2Fheads%2Fx"])
def test_no_branch_is_taken_for_another(looking: Binder, spec: str, ref: str) -> None:
    told = looking.get(f"{spec}/{ref}?build_only=true")

    assert [each["phase"] for each in told] == ["failed"]


def test_a_tag_and_its_commit_are_one_image(looking: Binder, spec: str) -> None:
    by_tag = looking.get(f"{spec}/v1?build_only=true")[-1]
    before = looking.builds()
    commit = by_tag["imageName"].rpartition(":")[2]

    by_commit = looking.get(f"{spec}/{commit}?build_only=true")

    assert by_commit == [{**by_tag, "message": by_commit[0]["message"]}]
    assert looking.builds() == before


@pytest.mark.parametrize("written", ["banned", "b%61nned", "%62anned"])
def test_what_is_refused_is_refused_however_it_is_written(looking: Binder, git: GitServer, written: str) -> None:
    Repository(git.root, "banned/a.git").commit({"Dockerfile": "FROM scratch\n"}, "One")
    encoded = quote(f"{git.url.rstrip('/')}/", safe="") + written + "%2Fa.git"

    told = looking.get(f"git/{encoded}/HEAD?build_only=true")

    assert [each["phase"] for each in told] == ["failed"]
    assert not any(request.path.startswith("/banned") for request in git.requests)


def test_a_long_name_takes_no_longer_than_a_short_one(looking: Binder, git: GitServer) -> None:
    name = "-".join(["long"] * 40)
    Repository(git.root, f"{name}.git").commit({"Dockerfile": "FROM scratch\n"}, "One")

    where = f"{git.url.rstrip('/')}/{name}.git"
    told = looking.get(f"git/{quote(where, safe='')}/HEAD?build_only=true")

    assert told[-1]["phase"] == "ready"


def test_while_the_registry_is_away_that_is_told_and_nothing_is_built_anew(tmp_path: Path) -> None:
    with running_registry(tmp_path) as registry:
        settings: dict[str, dict[str, object]] = {
            "Repo2DockerService": {**PRETENDED, "registry": "v2", "authorizer": "token", "binder_api": True},
            "V2Registry": {"url": registry.url},
        }
        with running_service(tmp_path / "service", configured(settings)) as service:
            binder = Binder(service)
            registry.stop()
            told = binder.get(f"git/{quote('https://example.org/a/b', safe='')}/HEAD?build_only=true")
            built = binder.builds()

    assert [(each["phase"], each["status_code"]) for each in told] == [("failed", 503)]
    assert registry.host in told[0]["message"]
    assert built == 0


async def test_more_watchers_than_any_pool_has_threads_are_told_every_line(pretending: Binder) -> None:
    path = f"git/{quote('https://example.org/watched', safe='')}/HEAD?build_only=true"
    headers = {"Authorization": f"Bearer {pretending.service.token}"}
    limits = httpx.Limits(max_connections=WATCHERS)
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=60) as client:
        answers = await asyncio.gather(*(client.get(f"{pretending.endpoint}{path}") for _ in range(WATCHERS)))

    told = [events(answer) for answer in answers]
    lines = [[each["message"] for each in each_told if each["phase"] == "building"] for each_told in told]
    assert {each[-1]["phase"] for each in told} == {"ready"}
    # Who asked when it had just ended has the image alone.
    assert max(map(len, lines)) >= 10
    assert all(each in ([], lines[0]) for each in lines)


def test_a_watcher_who_leaves_in_a_silent_step_is_not_waited_for(
    binder: Binder, git: GitServer, make_repository: MakeRepository, image: str
) -> None:
    spec = spec_of(git, make_repository, f"FROM {image}\nRUN sleep 5 # {secrets.token_hex(8)}\n")
    headers = {"Authorization": f"Bearer {binder.service.token}"}
    address = f"{binder.endpoint}{spec}?build_only=true"
    with httpx.stream("GET", address, headers=headers, timeout=60) as answer:
        lines = answer.iter_lines()
        next(line for line in lines if "RUN sleep" in line)
        assert binder.watchers() == 1

    wait_for(lambda: binder.watchers() == 0)
    with binder.service.client as client:
        assert client.get("builds", params={"limit": 1}).json()["items"][0]["state"] == "building"
    assert binder.get(f"{spec}?build_only=true")[-1]["phase"] == "ready"
