"""Copies of images are told by what is signed in them, and go only while nothing is made of them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.unit.adapters.docker.cards import OURS
from tests.unit.adapters.docker.served_engine import served
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.docker.copies import LocalCopies
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import BuildPlan, ImageName
from repo2docker_service.domain.records import SIGNATURE_LABEL, image_labels
from repo2docker_service.domain.retention.retention import LocalCopy

NAME = ImageName("registry.example.org:5000", "r2d/a", "1")


@dataclass
class ImageStore:
    """An engine with images, containers, and its own mind."""

    images: list[dict[str, Any]] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    started: str = "somebody/elses:1"
    """What containers were asked to be made of."""
    inherited: dict[str, str] | None = None
    """The labels that containers have."""
    refuses: int = 0
    vanishes: bool = False
    """Whether somebody else is removing it just now."""
    removed: list[str] = field(default_factory=list)

    def put(self, name: ImageName, tag: str = "", plan: BuildPlan | None = None) -> str:
        """Put an image of a build in, under its name or another tag, and give its id."""
        plan = plan or replace(plan_of(), image=name)
        labels = image_labels(OURS.signer, OURS.instance, plan, "")
        identifier = f"sha256:{secrets.token_hex(32)}"
        self.images.append(
            {
                "Id": identifier,
                "RepoTags": [tag or str(name)],
                "RepoDigests": [f"{name.registry}/{name.repository}@{identifier}"],
                "Labels": labels,
                "Created": 1_767_268_800,
                "Size": 5,
            }
        )
        return identifier

    async def list(self, _: web.Request) -> web.Response:
        return web.json_response(self.images)

    async def containers(self, _: web.Request) -> web.Response:
        return web.json_response(
            [{"ImageID": identifier, "Image": self.started, "Labels": self.inherited} for identifier in self.used]
        )

    async def inspect(self, request: web.Request) -> web.Response:
        wanted = request.match_info["name"]
        found = [image for image in self.images if wanted in (image["Id"], *(image["RepoTags"] or ()))]
        return web.json_response(found[0] if found else {"message": "none"}, status=200 if found else 404)

    async def remove(self, request: web.Request) -> web.Response:
        if self.vanishes:
            self.images.clear()
        if self.refuses:
            return web.json_response({"message": "no"}, status=self.refuses)
        assert "force" not in request.query or request.query["force"] in ("0", "false", "False")
        self.removed.append(request.match_info["name"])
        return web.json_response([])


@pytest.fixture
def store() -> ImageStore:
    return ImageStore()


@pytest.fixture
async def copies(store: ImageStore, tmp_path: Path) -> AsyncIterator[LocalCopies]:
    routes = (
        web.get("/{version}/images/json", store.list),
        web.get("/{version}/containers/json", store.containers),
        web.get("/{version}/images/{name:.+}/json", store.inspect),
        web.delete("/{version}/images/{name:.+}", store.remove),
    )
    async with served(tmp_path / "e.sock", *routes) as connection:
        yield LocalCopies(connection, OURS)


async def only(copies: LocalCopies) -> LocalCopy:
    [copy] = await copies.list()
    return copy


async def test_a_copy_is_told_with_the_build_that_made_it(store: ImageStore, copies: LocalCopies) -> None:
    plan = replace(plan_of(), image=NAME)
    identifier = store.put(NAME, plan=plan)

    copy = await only(copies)

    assert (copy.name, copy.id, copy.plan) == (NAME, identifier, plan)
    assert (copy.size, copy.in_use, copy.created_at.year) == (5, False, 2026)


async def test_the_registry_that_the_engine_leaves_away_is_known(store: ImageStore, copies: LocalCopies) -> None:
    name = ImageName("docker.io", "ada/r2d", "1")
    store.put(name, "ada/r2d:1")

    assert (await only(copies)).name == name


@pytest.mark.parametrize(
    "tag", ["registry.example.org:5000/r2d/a:b-0123456789abcdef", "elsewhere.example.org/r2d/a:1", "mine:1", "mine"]
)
async def test_another_name_of_an_image_is_not_ours_to_remove(store: ImageStore, copies: LocalCopies, tag: str) -> None:
    store.put(NAME, tag)

    assert await copies.list() == []


async def test_what_there_is_a_container_of_is_in_use_and_not_dropped(store: ImageStore, copies: LocalCopies) -> None:
    store.used.append(store.put(NAME))

    copy = await only(copies)

    assert copy.in_use
    assert not await copies.drop(replace(copy, in_use=False))
    assert store.removed == []


async def test_a_copy_is_dropped_by_its_id_so_that_nothing_else_goes_that_gets_its_name_in_that_moment(
    store: ImageStore, copies: LocalCopies
) -> None:
    identifier = store.put(NAME)

    assert await copies.drop(await only(copies))
    assert store.removed == [identifier]


async def test_of_a_copy_with_another_name_only_its_own_goes(store: ImageStore, copies: LocalCopies) -> None:
    store.put(NAME)
    store.images[0]["RepoTags"].append("mine:1")

    assert await copies.drop(await only(copies))
    assert store.removed == [str(NAME)]


async def test_what_there_is_a_container_of_is_told_by_all_that_it_may_be_called(
    store: ImageStore, copies: LocalCopies
) -> None:
    store.put(replace(NAME, tag="unused"))
    identifier = store.put(NAME)
    store.used.append(identifier)

    used = {name for name in await copies.used() if not name.startswith("docker.io/")}

    digest = f"{NAME.registry}/{NAME.repository}@{identifier}"
    assert used == {identifier, str(NAME), digest, store.started}


async def test_what_has_gone_while_a_container_was_made_of_it_is_known_by_what_the_container_has_inherited(
    store: ImageStore, copies: LocalCopies
) -> None:
    store.used.append(store.put(NAME))
    store.started, store.inherited = store.used[0], store.images[0]["Labels"]
    store.images.clear()

    assert str(NAME) in await copies.used()

    assert store.inherited is not None
    store.inherited |= {SIGNATURE_LABEL: "forged"}
    assert str(NAME) not in await copies.used()


async def test_what_the_engine_calls_without_the_name_of_its_own_registry_is_known_by_that_too(
    store: ImageStore, copies: LocalCopies
) -> None:
    store.used.append(store.put(ImageName("docker.io", "ada/r2d", "1"), "ada/r2d:1"))

    assert {"ada/r2d:1", "docker.io/ada/r2d:1"} <= set(await copies.used())


@pytest.mark.parametrize("tags", [None, [], ["<none>:<none>"]])
async def test_what_was_pulled_by_its_digest_alone_is_a_copy_too(
    store: ImageStore, copies: LocalCopies, tags: list[str] | None
) -> None:
    identifier = store.put(NAME)
    store.images[0]["RepoTags"] = tags

    copy = await only(copies)

    assert (copy.name, copy.id) == (NAME, identifier)
    store.images[0]["RepoTags"] = []
    assert await copies.drop(copy)
    assert store.removed == [identifier]


async def test_what_has_no_name_and_is_from_another_repository_is_no_copy(
    store: ImageStore, copies: LocalCopies
) -> None:
    store.put(NAME)
    for digests in (None, ["registry.example.org:5000/r2d/another@sha256:0"]):
        store.images[0] |= {"RepoTags": [], "RepoDigests": digests}

        assert await copies.list() == []


async def test_a_copy_that_has_lost_its_name_and_has_another_one_is_not_dropped(
    store: ImageStore, copies: LocalCopies
) -> None:
    store.put(NAME)
    copy = await only(copies)
    store.images[0]["RepoTags"] = ["mine:1"]

    assert not await copies.drop(copy)
    assert store.removed == []


async def test_what_has_its_name_meanwhile_is_not_dropped(store: ImageStore, copies: LocalCopies) -> None:
    store.put(NAME)
    copy = await only(copies)
    store.images.clear()
    store.put(NAME)

    assert not await copies.drop(copy)
    assert store.removed == []


@pytest.mark.parametrize("status", [404, 409])
async def test_what_the_engine_does_not_let_go_stays(store: ImageStore, copies: LocalCopies, status: int) -> None:
    store.put(NAME)
    store.refuses = status

    assert not await copies.drop(await only(copies))


async def test_where_two_remove_the_same_it_is_gone_for_both(store: ImageStore, copies: LocalCopies) -> None:
    store.put(NAME)
    copy = await only(copies)
    store.refuses = 500

    with pytest.raises(BuilderUnavailable):
        await copies.drop(copy)

    store.vanishes = True
    assert not await copies.drop(copy)


async def test_an_engine_that_is_gone_is_told(tmp_path: Path) -> None:
    connection = EngineConnection(f"unix://{tmp_path / 'nothing.sock'}")

    with pytest.raises(BuilderUnavailable):
        await LocalCopies(connection, OURS).list()

    await connection.close()
