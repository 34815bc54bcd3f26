"""How the Hub's process asks a service what a user may start."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyterhub.app import JupyterHub
from tests.unit.entrypoints.jupyterhub.conftest import ACCESS, MakeUser, PlayedService
from tests.unit.entrypoints.jupyterhub.samples import NOW, SMALL, image
from tornado.web import RequestHandler
from traitlets.config import Config

from repo2docker_service.entrypoints.jupyterhub.form import label
from repo2docker_service.entrypoints.jupyterhub.images import Repo2DockerImages
from repo2docker_service.entrypoints.jupyterhub.offers import NOT_AS_BUILT, Offer, Refused
from repo2docker_service.entrypoints.jupyterhub.service_client import MOST_IMAGES

pytestmark = pytest.mark.served


@dataclass
class Spawner:
    """As much of a spawner as is looked at."""

    user: Any
    hub: Any = field(default_factory=lambda: SimpleNamespace(base_url="/jhub/hub/"))


async def offer(service: PlayedService, user: Any, config: Config | None = None) -> Offer:  # noqa: ANN401
    return await Repo2DockerImages(config=config or service.config()).offer(Spawner(user))


async def test_the_service_is_asked_on_behalf_of_the_user_and_its_groups(
    service: PlayedService, make_user: MakeUser
) -> None:
    service.images = [image(1), image(2)]

    found = await offer(service, make_user(ACCESS, "images:read", groups=("lab", "a&b")))

    assert [each.id for each in found.images] == [image(1).id, image(2).id]
    assert found.profiles["repo2docker"][0] == SMALL
    assert service.tokens == {"token of-spawners"}
    [asked] = [urlsplit(each) for each in service.asked if "images" in each]
    assert asked.path == "/jhub/services/repo2docker/api/v1/images"
    query = parse_qs(asked.query)
    assert query == {"visible_to": ["user:alice"], "group": ["a&b", "lab"], "sort": ["featured"], "limit": ["200"]}


async def test_a_user_without_a_role_is_offered_nothing_and_nobody_is_asked(
    service: PlayedService, make_user: MakeUser
) -> None:
    service.images = [image(1)]

    for user in (make_user(name="ann"), make_user(ACCESS, name="ben"), make_user("images:read", name="cat")):
        found = await offer(service, user)

        assert (found.images, found.away) == ([], [])
        assert found.pages == {"repo2docker": "/jhub/services/repo2docker/"}
    assert service.asked == []


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ("images:read", {1, 2, 3}),
        ("builds:create!user", {1, 2, 3}),
        ("builds:read", {1, 2, 3}),
        ("admin", {1, 2, 3}),
        ("images:read!user", {1}),
        ("images:read!user=bob", {2}),
        ("images:read!group=lab", {3}),
        ("images:delete!user", {1}),
    ],
)
async def test_a_user_is_offered_what_its_own_scopes_reach(
    service: PlayedService, make_user: MakeUser, scope: str, seen: set[int]
) -> None:
    service.images = [image(1), image(2, owner="user:bob"), image(3, owner="group:lab")]

    found = await offer(service, make_user(ACCESS, scope, groups=("lab",)))

    assert [each.id for each in found.images] == [image(number).id for number in sorted(seen)]


async def test_what_is_not_what_was_built_is_only_for_administrators(
    service: PlayedService, make_user: MakeUser
) -> None:
    service.images = [image(1, changed_outside=True), image(2)]

    for_all, for_administrators = [
        await offer(service, make_user(ACCESS, scope, name=name))
        for name, scope in (("ann", "images:read"), ("root", "admin"))
    ]

    assert [each.id for each in for_all.startable] == [image(2).id]
    with pytest.raises(Refused) as caught:
        for_all.choose(image(1).id)
    assert (caught.value.message, caught.value.status) == (NOT_AS_BUILT, 400)
    assert [each.id for each in for_administrators.startable] == [image(1).id, image(2).id]
    chosen = for_administrators.choose(image(1).id).image
    assert chosen is not None
    assert label(chosen, NOW).endswith(" at 0123456, not what was built, 3 days ago)")


async def test_a_long_list_is_read_page_by_page_until_it_is_long_enough(
    service: PlayedService, make_user: MakeUser
) -> None:
    service.images = [image(number) for number in range(MOST_IMAGES + 500)]

    found = await offer(service, make_user(ACCESS, "images:read"))

    assert [each.id for each in found.images] == [each.id for each in service.images[:MOST_IMAGES]]


async def test_what_is_not_in_the_list_for_people_starts_nevertheless(
    service: PlayedService, make_user: MakeUser
) -> None:
    service.images = [image(number) for number in range(MOST_IMAGES + 500)]
    images, last = Repo2DockerImages(config=service.config()), service.images[-1]

    choice = await images.choose(Spawner(make_user(ACCESS, "images:read")), last.reference, "small")

    assert (choice.image, choice.profile) == (last, SMALL)
    assert len(service.asked) == 2


@pytest.mark.parametrize("wanted", ["*", "x" * 511, ["*"], {"image": "*"}, 1])
async def test_a_spawner_that_is_asked_for_nonsense_refuses(
    service: PlayedService, make_user: MakeUser, wanted: object
) -> None:
    service.images = [image(1)]

    with pytest.raises(Refused):
        await Repo2DockerImages(config=service.config()).choose(Spawner(make_user(ACCESS, "images:read")), wanted)


async def test_of_two_services_each_offers_what_it_has(service: PlayedService, make_user: MakeUser) -> None:
    service.images = [image(1, featured=True), image(2)]
    [first] = service.config().Repo2DockerImages.services
    config = Config({"Repo2DockerImages": {"services": [first, {**first, "name": "second"}]}})

    both = await offer(service, make_user(ACCESS, "access:services!service=second", "images:read"), config)
    one = await offer(service, make_user(ACCESS, "images:read", name="bob"), config)

    assert [each.service for each in both.images] == ["repo2docker", "second", "repo2docker", "second"]
    assert [each.featured for each in both.images] == [True, True, False, False]
    assert {each.service for each in one.images} == {"repo2docker"}


async def test_a_service_elsewhere_is_asked_where_it_is(service: PlayedService, make_user: MakeUser) -> None:
    for prefix, path in {"/": "/api/v1/info", "/below/": "/below/api/v1/info"}.items():
        user = make_user(ACCESS, "images:read", name=f"of{len(path)}")
        found = await offer(service, user, service.config(prefix=prefix, page="https://builds.example/"))

        assert path in service.asked
        assert found.pages == {"repo2docker": "https://builds.example/"}


async def test_the_page_of_a_service_is_found_where_the_hub_has_subdomains(
    service: PlayedService, make_user: MakeUser
) -> None:
    settings = {"subdomain_host": "https://hub.example:8443", "subdomain_hook": JupyterHub().subdomain_hook}

    found = await offer(service, make_user(settings=settings))

    page = "https://repo2docker--service.hub.example:8443/jhub/services/repo2docker/"
    assert found.pages == {"repo2docker": page}


async def too_late(handler: RequestHandler) -> None:
    await asyncio.sleep(2)
    handler.finish({"items": [], "profiles": []})


async def forbidden(handler: RequestHandler) -> None:
    handler.set_status(403)
    handler.finish({"items": [], "profiles": []})


async def elsewhere(handler: RequestHandler) -> None:
    if "elsewhere" in handler.request.path:
        handler.finish({"items": [], "profiles": []})
    else:
        handler.redirect("/elsewhere")


async def no_json(handler: RequestHandler) -> None:
    handler.finish("<html>")


async def another_document(handler: RequestHandler) -> None:
    handler.finish("[]")


async def without_end(handler: RequestHandler) -> None:
    while True:
        handler.write(b"[" * 100_000)
        await handler.flush()


async def without_last_page(handler: RequestHandler) -> None:
    handler.finish({"items": [], "profiles": [], "next": "again"})


@pytest.mark.parametrize(
    "answer", [too_late, forbidden, elsewhere, no_json, another_document, without_end, without_last_page]
)
async def test_a_service_that_does_not_answer_well_is_away_in_time(
    service: PlayedService,
    make_user: MakeUser,
    answer: Any,  # noqa: ANN401
) -> None:
    service.answer = answer
    config = service.config()
    config.Repo2DockerImages.timeout = 0.5
    began = time.monotonic()

    found = await offer(service, make_user(ACCESS, "images:read"), config)

    assert (found.images, found.away) == ([], ["repo2docker"])
    assert time.monotonic() - began < 1.5


async def test_a_service_that_does_not_run_is_away(service: PlayedService, make_user: MakeUser) -> None:
    service.url = "http://127.0.0.1:9"

    assert (await offer(service, make_user(ACCESS, "images:read"))).away == ["repo2docker"]


async def test_nothing_else_waits_for_a_slow_service(service: PlayedService, make_user: MakeUser) -> None:
    service.answer = too_late
    config = service.config()
    config.Repo2DockerImages.timeout = 0.5
    asking = asyncio.ensure_future(offer(service, make_user(ACCESS, "images:read"), config))
    ticks = 0

    while not asking.done():
        await asyncio.sleep(0.01)
        ticks += 1

    assert ticks > 20
