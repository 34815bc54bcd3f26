"""What BinderHub's clients ask, and what they are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import build_of, plan_of
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, Make, World, until

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.models import BuildState, Reason, Source
from repo2docker_service.domain.streams.following import Item
from repo2docker_service.entrypoints.http.binder.events import build_events
from repo2docker_service.entrypoints.http.binder.specs import FORGES, PROVIDERS, BadSpec, source_of

ASKED = "build/gh/binder-examples/requirements/main?build_only=true"
HUB = "https://github.com"


@pytest.fixture
def binder(make_world: Make) -> World:
    return make_world(binder_api=True)


def known(world: World) -> dict[str, dict[str, str]]:
    """Give the repositories that there are."""
    assert isinstance(world.services.sources, InMemorySourceResolver)
    return world.services.sources.repositories


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """Read what an answer tells, as the clients do: unnamed events of one line each."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [part for part in answer.text.split("\n\n") if part and not part.startswith((":", "id: "))]
    assert all(part.startswith("data: ") and "\n" not in part for part in told)
    return [json.loads(part.removeprefix("data: ")) for part in told]


async def built(world: World, *lines: str, reason: Reason | None = None, asked: str = ASKED) -> list[dict[str, Any]]:
    """Ask for a build, let it run to its end meanwhile, and give what was told."""
    return events(await answered(world, *lines, reason=reason, asked=asked))


async def answered(world: World, *lines: str, reason: Reason | None = None, asked: str = ASKED) -> httpx.Response:
    """Ask for a build, let it run to its end meanwhile, and give the answer."""
    asking = asyncio.create_task(world.client("ada").get(asked))
    builds: Sequence[Any] = []
    while not builds:
        assert not asking.done(), events(await asking)
        await asyncio.sleep(0.01)
        builds = await world.builder.list()
    world.builder.write(builds[0].id, *lines)
    world.builder.finish(builds[0].id, reason)
    return await asking


@pytest.mark.parametrize(
    ("provider", "spec", "source"),
    [
        ("gh", "a/b/HEAD", Source(f"{HUB}/a/b")),
        ("gh", "a/b/main", Source(f"{HUB}/a/b", "main")),
        ("gh", "a/b.git/main", Source(f"{HUB}/a/b", "main")),
        ("gh", "a/b/feature/x", Source(f"{HUB}/a/b", "feature/x")),
        ("gh", "a/b/feature%2Fx", Source(f"{HUB}/a/b", "feature/x")),
        ("gh", "a%2Fb/HEAD", Source(f"{HUB}/a/b")),
        ("gh", "a/b/HEAD///", Source(f"{HUB}/a/b")),
        ("gh", "a/b/v1%23x", Source(f"{HUB}/a/b", "v1#x")),
        ("gl", "group%2Fsub%2Frepo/HEAD", Source("https://gitlab.com/group/sub/repo")),
        ("gl", "group%2Frepo/feature/x", Source("https://gitlab.com/group/repo", "feature/x")),
        ("gist", "a/0123abcd", Source("https://gist.github.com/0123abcd")),
        ("gist", "a/0123abcd/master", Source("https://gist.github.com/0123abcd")),
        ("gist", f"a/0123abcd/{COMMIT}", Source("https://gist.github.com/0123abcd", COMMIT)),
        ("git", "https%3A%2F%2Fh.example%2Fa%2Fb.git/feature/x", Source("https://h.example/a/b.git", "feature/x")),
        ("git", "https%3A%2F%2Fh.example%2Fb/100%25", Source("https://h.example/b", "100%")),
    ],
)
def test_a_specification_means_a_repository_and_a_ref(provider: str, spec: str, source: Source) -> None:
    assert source_of(provider, spec, FORGES) == source


@pytest.mark.parametrize(
    ("provider", "spec"),
    [
        ("gh", ""),
        ("gh", "a"),
        ("gh", "a/b"),
        ("gh", "a//main"),
        ("gh", "../b/main"),
        ("gh", "a/%2e%2e/main"),
        ("gh", "a/b c/main"),
        ("gh", "a/b%00/main"),
        ("gl", "group%2Frepo"),
        ("gl", "group%2F..%2Frepo/main"),
        ("gist", "a/0123abcd/branch"),
        ("gist", "a"),
        ("git", "https%3A%2F%2Fh.example%2Fb"),
        ("zenodo", "10.5281/zenodo.1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(provider: str, spec: str) -> None:
    with pytest.raises(BadSpec, match=r"^[A-Z'].*\.$"):
        source_of(provider, spec, FORGES)


@given(st.sampled_from(sorted(PROVIDERS)), st.text(max_size=80))
def test_any_specification_is_read_or_refused(provider: str, spec: str) -> None:
    try:
        source = source_of(provider, spec, FORGES)
    except BadSpec:
        return
    assert provider == "git" or source.address.startswith(f"{FORGES[provider]}/")


async def test_a_build_is_told_from_the_queue_to_the_image(binder: World) -> None:
    told = await built(binder, "Cloning", "#1 building <b>")

    assert [each["phase"] for each in told] == ["waiting", "building", "building", "ready"]
    assert [each["message"] for each in told[1:3]] == ["Cloning\n", "#1 building <b>\n"]
    assert told[-1]["imageName"] == str((await binder.builder.list())[0].plan.image)
    assert ":" in told[-1]["imageName"].rpartition("/")[2]


async def test_the_place_in_the_queue_is_told_before_anything_is_waited_for() -> None:
    async def follow() -> AsyncIterator[Item]:
        raise AssertionError

    build = replace(build_of(plan_of(), BuildState.QUEUED), queue_position=3)
    told = build_events(build, follow, heartbeat=60)

    assert b"number 3 in the queue" in await anext(told)
    await told.aclose()


async def test_what_is_there_already_is_one_event(binder: World) -> None:
    await built(binder)

    (ready,) = events(await binder.client("ada").get(ASKED))

    assert (ready["phase"], ready["imageName"]) == ("ready", str((await binder.builder.list())[0].plan.image))
    assert len(await binder.builder.list()) == 1


async def test_a_failed_build_is_told_again_and_not_done_again(binder: World) -> None:
    told = await built(binder, "boom", reason=Reason.BUILD_FAILED)
    again = events(await binder.client("ada").get(ASKED))

    assert [each["phase"] for each in told] == ["waiting", "building", "failed"]
    assert [each["message"] for each in again] == [each["message"] for each in told[1:]]
    assert len(await binder.builder.list()) == 1


@pytest.mark.parametrize("reason", [None, Reason.TIMED_OUT])
async def test_who_comes_back_with_the_id_of_the_end_is_told_to_stay_away(binder: World, reason: Reason | None) -> None:
    told = await answered(binder, reason=reason)
    [last] = [line.removeprefix("id: ") for line in told.text.splitlines() if line.startswith("id: ")]

    again = await binder.client("ada").get(ASKED, headers={"Last-Event-ID": last})

    assert told.text.endswith(f"id: {last}\n\n")
    assert (again.status_code, again.content) == (204, b"")
    assert len(await binder.builder.list()) == 1


async def test_two_who_ask_at_once_are_told_of_one_build(binder: World) -> None:
    other = asyncio.create_task(binder.client("bob").get(ASKED))
    told = await built(binder, "line")

    assert events(await other)[-1] == told[-1]
    assert len(await binder.builder.list()) == 1


@pytest.mark.parametrize("branch", ["master", "main"])
async def test_where_a_usual_branch_is_missing_the_default_one_is_taken(make_world: Make, branch: str) -> None:
    world = make_world(binder_api=True)
    known(world)[REPO].pop("main")

    told = await built(world, asked=ASKED.replace("/main?", f"/{branch}?"))

    assert told[0] == {"phase": "waiting", "message": f"There is no branch {branch}: the default branch is taken.\n"}
    assert told[-1]["phase"] == "ready"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("build/gh/binder-examples/requirements/missing?build_only=true", None, "missing"),
        ("build/gh/binder-examples/requirements?build_only=true", None, "HEAD is the default branch"),
        ("build/gh/binder-examples/requirements/main", 400, "build_only=true"),
        ("build/gh/binder-examples/requirements/main?build_only=yes", 400, "build_only=true"),
        ("build/gh/binder-examples/unknown/main?build_only=true", 502, "unknown"),
        ("build/git/ssh%3A%2F%2Fh.example%2Fb/main?build_only=true", None, "https"),
        ("build/git/https%3A%2F%2Fh.example%2F..%2Fb/main?build_only=true", None, ""),
        ("build/zenodo/10.5281/zenodo.1?build_only=true", None, "zenodo"),
        ("build/gh/100%?build_only=true", None, ""),
        ("build/gh/%ff/%fe/main?build_only=true", None, ""),
    ],
)
async def test_whatever_goes_wrong_is_told_in_the_stream(
    binder: World, path: str, status: int | None, words: str
) -> None:
    (told,) = events(await binder.client("ada").get(path))

    assert told["phase"] == "failed"
    assert told.get("status_code") == status
    assert words in told["message"]
    assert told["message"].endswith("\n")


async def test_while_the_registry_is_away_that_is_told_and_nothing_is_built(
    binder: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise RegistryUnavailable("registry", "nothing listens there")

    monkeypatch.setattr(InMemoryRegistry, "find", away)
    (told,) = events(await binder.client("ada").get(ASKED))

    assert (told["phase"], told["status_code"]) == ("failed", 503)
    assert "registry" in told["message"]
    assert await binder.builder.list() == []


async def test_who_is_not_let_in_is_told_so_in_the_stream(binder: World) -> None:
    (nobody,) = events(await binder.client().get(ASKED))
    (viewer,) = events(await binder.client("viewer").get(ASKED))

    assert (nobody["status_code"], viewer["status_code"]) == (401, 403)
    assert await binder.builder.list() == []


async def test_other_methods_are_answered_as_clients_expect(binder: World) -> None:
    (told,) = events(await binder.client("ada").post(ASKED))
    head = await binder.client("ada").head(ASKED)

    assert (told["phase"], told["status_code"]) == ("failed", 405)
    assert (head.status_code, head.content) == (200, b"")
    assert await binder.builder.list() == []


async def test_a_service_that_stops_ends_the_stream_with_a_word(binder: World) -> None:
    asking = asyncio.create_task(binder.client("ada").get(ASKED))
    streams = binder.app.state.streams
    await until(lambda: bool(streams.stopping._streams))
    streams.stopping.begin()

    answer = await asking
    told = events(answer)

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 503)
    assert "id:" not in answer.text  # with one, a browser would not come back to the build that goes on
    assert "The build goes on" in told[-1]["message"]


async def test_clients_learn_what_there_is(binder: World) -> None:
    client = binder.client()
    versions, health, providers = [await client.get(path) for path in ("versions", "health", "api/repoproviders")]

    assert versions.json()["binderhub"].startswith("repo2docker-service ")
    assert versions.headers["access-control-allow-origin"] == "*"
    assert health.json()["ok"] is True
    assert [each["id"] for each in providers.json()] == list(PROVIDERS)


async def test_a_forge_of_ones_own_takes_the_place_of_the_usual_one(make_world: Make) -> None:
    world = make_world(binder_api=True, binder_forges={"gh": "https://forge.example"})
    known(world)["https://forge.example/a/b"] = {"HEAD": COMMIT}

    await built(world, asked="build/gh/a/b/HEAD?build_only=true")

    assert (await world.builder.list())[0].plan.source.address == "https://forge.example/a/b"


async def test_nothing_of_it_is_there_unless_an_administrator_wants_it(make_world: Make) -> None:
    answer = await make_world().client("ada").get(ASKED, headers={"Accept": "text/event-stream"})

    assert "text/event-stream" not in answer.headers["content-type"]
