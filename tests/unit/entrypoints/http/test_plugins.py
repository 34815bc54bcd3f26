"""What plugins have to say while the service runs, and what becomes of all else when they go wrong."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, HTTPException, Request
from tests.unit.entrypoints.http.conftest import REPO, Make, until
from traitlets import Instance, Unicode
from traitlets.config import Config, LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.errors import ImageNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, ImageName
from repo2docker_service.hookspecs import Application


class Guard:
    """Says what a test tells it to."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[BuildPlan] = []

    def _answer(self, hook: str) -> object:
        answer = self.answers.get(hook)
        return answer() if callable(answer) else answer

    @hookimpl
    def veto_build(self, plan: BuildPlan) -> object:
        self.asked.append(plan)
        return self._answer("veto_build")

    @hookimpl
    def image_labels(self, plan: BuildPlan) -> object:
        return self._answer("image_labels")

    @hookimpl
    def repo2docker_config(self, plan: BuildPlan) -> object:
        return self._answer("repo2docker_config")


class Witness:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.builds: list[Build] = []
        self.images: list[ImageName] = []

    @hookimpl
    def build_changed(self, build: Build) -> None:
        self.builds.append(build)

    @hookimpl
    def image_changed(self, name: ImageName) -> None:
        self.images.append(name)


def fail() -> None:
    raise RuntimeError("the plugin's own trouble")


async def troubles(client: httpx.AsyncClient) -> list[str]:
    """Give the plugins that are named as being in trouble."""
    named: list[str] = (await client.get("health/ready")).json()["plugins"]
    return named


async def test_a_build_that_a_plugin_is_against_is_refused_with_its_reason(make_world: Make) -> None:
    guard = Guard(veto_build="Only repositories\nof the course are built in the exam week.")
    world = make_world(plugins={"guard": guard})

    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:repo2docker-service:build-vetoed"
    assert answer.json()["detail"] == "Only repositories of the course are built in the exam week."
    assert str(guard.asked[0].requested_by) == "user:ada"
    assert await world.builder.list() == []


async def test_labels_and_configuration_of_plugins_are_part_of_the_plan(make_world: Make) -> None:
    one = Guard(image_labels={"course": "a", "term": "1"}, repo2docker_config={"Repo2Docker": {"appendix": "RUN a"}})
    other = Guard(image_labels={"course": "b"}, repo2docker_config={"Repo2Docker": {"base_image": "b"}, "X": {"y": 1}})
    world = make_world(plugins={"one": one, "other": other, "silent": Guard()})

    await world.client("ada").post("api/v1/builds", json={"repo": REPO})

    plan = (await world.builder.list())[0].plan
    assert plan.labels == {"course": "b", "term": "1"}
    assert plan.repo2docker_config == {"Repo2Docker": {"appendix": "RUN a", "base_image": "b"}, "X": {"y": 1}}


@pytest.mark.parametrize(
    "answers",
    [
        {"veto_build": fail},
        {"veto_build": True},
        {"image_labels": fail},
        {"image_labels": ["no", "labels"]},
        {"image_labels": {"a": 1}},
        {"image_labels": {"repo2docker-service.image.record": "forged"}},
        {"image_labels": {"org.opencontainers.image.source": "https://elsewhere.example"}},
        {"image_labels": {"much": "a" * 20_000}},
        {"repo2docker_config": fail},
        {"repo2docker_config": {"Repo2Docker": "appendix"}},
        {"repo2docker_config": {"Repo2Docker": {"labels": {}}}},
        {"repo2docker_config": {"Repo2Docker": {"appendix": {"a set"}}}},
    ],
)
async def test_no_build_begins_without_a_plugin_that_has_a_say_in_it(
    make_world: Make, answers: Mapping[str, object]
) -> None:
    guard = Guard(**answers)
    world = make_world(plugins={"guard": guard})
    client = world.client("ada")

    answer = await client.post("api/v1/builds", json={"repo": REPO})

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:repo2docker-service:plugin-unavailable"
    assert "the plugin's own trouble" not in answer.text
    assert await world.builder.list() == []
    assert world.services.plugins.troubles.keys() == {"guard"}

    guard.answers = {}
    assert (await client.post("api/v1/builds", json={"repo": REPO})).status_code == 202
    assert world.services.plugins.troubles == {}


async def test_a_plugin_that_fails_is_named_until_it_works_again(make_world: Make) -> None:
    guard = Guard(veto_build=fail)
    world = make_world(plugins={"guard": guard})
    client = world.client("root")

    await client.post("api/v1/builds", json={"repo": REPO})

    assert await troubles(client) == ["guard"]
    summary = (await client.get("api/v1/admin/summary")).json()
    assert "RuntimeError: the plugin's own trouble" in str(summary["warnings"])


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt("stop"), TimeoutError("no answer")], ids=repr)
async def test_a_plugin_harms_nobody_whatever_it_raises(make_world: Make, error: BaseException) -> None:
    def leave() -> None:
        raise error

    world = make_world(plugins={"guard": Guard(veto_build=leave)})

    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})

    assert answer.status_code == 503
    assert world.services.plugins.troubles == {"guard": f"veto_build: {type(error).__name__}: {error}"}


async def test_a_plugin_that_hangs_keeps_nobody_else_and_takes_few_threads(make_world: Make) -> None:
    go_on = threading.Event()
    world = make_world(plugins={"hanging": Guard(veto_build=lambda: go_on.wait(30))})
    world.services.plugins.patience = 1.0
    client = world.client("root")
    try:
        begun = turn = time.monotonic()
        longest = 0.0
        asking = asyncio.gather(*(client.post("api/v1/builds", json={"repo": REPO}) for _ in range(30)))
        while not asking.done():
            await asyncio.sleep(0.01)
            longest, turn = max(longest, time.monotonic() - turn), time.monotonic()

        assert {answer.status_code for answer in await asking} == {503}
        assert turn - begun < 10
        assert longest < 0.5  # nobody else waits for the plugin
        assert sum(thread.name == "plugin hanging" for thread in threading.enumerate()) == 8
        assert await troubles(client) == ["hanging"]
    finally:
        go_on.set()


async def test_plugins_hear_of_builds_and_images(make_world: Make) -> None:
    witness = Witness()
    world = make_world(plugins={"witness": witness})
    async with world.services.running():
        build = (await world.client("ada").post("api/v1/builds", json={"repo": REPO})).json()
        world.builder.begin(build["id"])
        world.builder.finish(build["id"])
        world.put_image(tag="f" * 40)
        await until(lambda: bool(witness.builds and witness.builds[-1].state.ended and witness.images))

    assert {each.id for each in witness.builds} == {build["id"]}


async def test_a_plugin_that_fails_to_hear_keeps_none_from_hearing(make_world: Make) -> None:
    class Deaf(Witness):
        @hookimpl
        def build_changed(self, build: Build) -> None:
            fail()

    witness = Witness()
    world = make_world(plugins={"deaf": Deaf(), "witness": witness})
    async with world.services.running():
        await world.client("ada").post("api/v1/builds", json={"repo": REPO})
        await until(lambda: bool(witness.builds and world.services.plugins.troubles))
        assert await troubles(world.client()) == ["deaf"]


class Routed:
    """Has a web application."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.router.add_api_route("/hello", self.hello, methods=["GET", "POST"])
        self.router.add_api_route("/missing", self.missing)
        self.router.add_api_route("/teapot", self.teapot)
        self.router.add_api_route("/broken", fail)

    async def hello(self, request: Request) -> dict[str, object]:
        page = await request.state.services.images.list(request.state.who)
        return {"who": str(request.state.who.owner), "images": page.total}

    async def missing(self) -> None:
        raise ImageNotFound("one")

    async def teapot(self) -> None:
        raise HTTPException(418, "short and stout")

    @hookimpl
    def register_routes(self, register: Callable[[Application], None]) -> None:
        register(self.router)


async def test_routes_of_a_plugin_know_who_is_calling_and_may_use_all_that_ours_do(make_world: Make) -> None:
    world = make_world(plugins={"courses": Routed()}, base_url="/services/r2d/")
    world.put_image()

    answer = await world.client("ada").get("plugins/courses/hello")

    assert answer.json() == {"who": "user:ada", "images": 1}
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_nobody_reaches_routes_of_plugins_without_logging_in(make_world: Make) -> None:
    world = make_world(plugins={"courses": Routed()})

    answer = await world.client().get("plugins/courses/hello")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("missing", 404), ("teapot", 418), ("broken", 500), ("else", 404)])
async def test_whatever_a_route_of_a_plugin_raises_is_an_answer(make_world: Make, path: str, status: int) -> None:
    world = make_world(plugins={"courses": Routed()})

    answer = await world.client("ada").get(f"plugins/courses/{path}")

    assert answer.status_code == status
    assert "the plugin's own trouble" not in answer.text


async def test_one_plugin_has_one_application() -> None:
    from repo2docker_service.plugins import Plugins, catalogue

    class Twice(Routed):
        @hookimpl
        def register_routes(self, register: Callable[[Application], None]) -> None:
            super().register_routes(register)
            super().register_routes(register)

    manager = Plugins()
    manager.register(Twice(), "twice")

    assert catalogue(manager).failed == {"twice": "TypeError: One plugin has one web application."}


async def test_an_extension_has_settings_of_its_own(make_world: Make) -> None:
    class Courses(LoggingConfigurable):
        only = Unicode(help="What addresses begin with.").tag(config=True)
        installation = Instance(Installation)

        @hookimpl
        def veto_build(self, plan: BuildPlan) -> str | None:
            return (
                None
                if plan.source.address.startswith(self.only)
                else f"Only {self.only} in {self.installation.instance}."
            )

    class Offering:
        @hookimpl
        def register_extension(self, register: Callable[[type[Any]], None]) -> None:
            register(Courses)

    settings = Config({"Courses": {"only": "https://forge.example/"}})
    world = make_world(plugins={"courses": Offering()}, config=settings)

    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})

    assert answer.json()["detail"] == "Only https://forge.example/ in default."
    assert Courses in world.services.settings.catalogue.classes()
