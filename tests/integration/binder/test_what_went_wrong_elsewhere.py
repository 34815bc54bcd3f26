"""What is easily done wrong here: another commit than was meant, watchers who are lost, a ban that is gone past."""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from tests.integration.binder.conftest import Binder, encoded, events, given, spec_of
from tests.integration.conftest import MakeRepository
from tests.integration.waiting import wait_for
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.ports import free_port
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything
from tools.service import PRETENDED, configured, running_service

WATCHERS = 200


@pytest.fixture
def spec(git: GitServer, make_repository: MakeRepository) -> str:
    """Give a repository with a deep branch and an annotated tag, as a specification without its ref."""
    repository = make_repository()
    commit = repository.commit({"Dockerfile": "FROM scratch\n"}, "One")
    repository.commit({"Dockerfile": "FROM scratch\n# two\n"}, "Two", "a/x")
    repository.tag("v1", commit)
    return encoded(git, repository)


@pytest.mark.parametrize("ref", ["x", "ma*", "a%2F*", "mai%3F", "[m]ain", "refs%2Fheads%2Fx", "0" * 40 + "%3Bid"])
def test_no_branch_is_taken_for_another(looking: Binder, spec: str, ref: str) -> None:
    [told] = looking.get(f"{spec}/{ref}?build_only=true")

    assert told["phase"] == "failed"
    assert re.search("There is no branch or tag called|Give the exact name of a branch", told["message"])


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

    [told] = looking.get(f"git/{encoded}/HEAD?build_only=true")

    assert told["phase"] == "failed"
    assert "may not build from" in told["message"]
    assert not any(request.path.startswith("/banned") for request in git.requests)


async def test_more_watchers_than_any_pool_has_threads_are_told_every_line_of_one_build(pretending: Binder) -> None:
    before = pretending.builds()
    path = f"git/{quote('https://example.org/watched', safe='')}/HEAD?build_only=true"
    limits = httpx.Limits(max_connections=WATCHERS)
    async with httpx.AsyncClient(headers=pretending.headers, limits=limits, timeout=60) as client:
        answers = await asyncio.gather(*(client.get(f"{pretending.endpoint}{path}") for _ in range(WATCHERS)))

    told = [events(answer) for answer in answers]
    lines = [[each["message"] for each in each_told if each["phase"] == "building"] for each_told in told]
    assert {each[-1]["phase"] for each in told} == {"ready"}
    # Who asked when it had just ended has the image alone.
    assert max(map(len, lines)) >= 10
    assert all(each in ([], lines[0]) for each in lines)
    assert pretending.builds() == before + 1


def test_a_watcher_who_leaves_in_a_silent_step_is_not_waited_for(binder: Binder, git: GitServer, image: str) -> None:
    spec = spec_of(git, f"FROM {image}\nRUN sleep 5 # {secrets.token_hex(8)}\n")
    address = f"{binder.endpoint}{spec}?build_only=true"
    with httpx.stream("GET", address, headers=binder.headers, timeout=60) as answer:
        lines = answer.iter_lines()
        next(line for line in lines if "RUN sleep" in line)
        assert binder.watchers() == 1

    wait_for(lambda: binder.watchers() == 0)
    with binder.client as client:
        assert client.get("builds", params={"limit": 1}).json()["items"][0]["state"] == "building"
    assert binder.get(f"{spec}?build_only=true")[-1]["phase"] == "ready"


def test_a_service_that_is_stopped_says_so_and_goes_on_with_the_build_when_it_is_back(
    engine: Engine, git: GitServer, image: str, service_settings: str, tmp_path: Path
) -> None:
    name = f"t{secrets.token_hex(6)}"
    settings = f"{service_settings}c.Repo2DockerService.instance = {name!r}\nc.Repo2DockerService.binder_api = True\n"
    settings += f"c.Repo2DockerService.image_prefix = 'r2d-{name}'\n"
    spec = spec_of(git, f"FROM {image}\nRUN sleep 3 # {secrets.token_hex(8)}\n")
    try:
        with running_service(tmp_path, settings) as service:
            client = Binder.of(service).npm(spec)
            assert client.stdout is not None
            next(line for line in client.stdout if "RUN sleep" in line)
            service.process.terminate()
            told = given(client.communicate(timeout=30)[0])
        with running_service(tmp_path, settings) as service:
            binder = Binder.of(service)
            again = binder.told(spec)
            builds = binder.builds()
    finally:
        remove_everything(DockerApi(engine.url), name)

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 503)
    assert "The build goes on" in told[-1]["message"]
    assert again[-1]["phase"] == "ready"
    assert builds == 1


def test_nothing_is_built_while_the_registry_cannot_be_asked(tmp_path: Path) -> None:
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "registry": "v2", "authorizer": "token", "binder_api": True},
        "V2Registry": {"url": f"http://127.0.0.1:{free_port()}"},
    }
    with running_service(tmp_path, configured(settings)) as service:
        binder = Binder.of(service)
        [told] = binder.get("gh/a/b/HEAD?build_only=true")
        builds = binder.builds()
        health = httpx.get(f"{service.url}health", timeout=60)

    assert (told["phase"], told["status_code"]) == ("failed", 503)
    assert "registry" in told["message"]
    assert builds == 0
    assert health.status_code == 503
    assert {"service": "registry", "ok": False} in health.json()["checks"]
