"""What was pushed to a real registry is looked at: registries say that they have what they have not."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.integration.registry.images import Place, placed, registry_at
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import basic, put_image

from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation("test", Signer([secrets.token_bytes(32)]), tmp_path)


@pytest.fixture
async def place(tmp_path: Path, installation: Installation) -> AsyncIterator[Place]:
    async with placed(tmp_path, Setup(), installation) as place:
        yield place


async def test_an_image_pushed_again_after_it_was_deleted_is_whole(place: Place) -> None:
    """Case 51."""
    push = Push(place)
    image = push.now()
    await place.registry.delete(push.name, image)

    again = push.now()

    await place.registry.verify_push(push.name, again, push.build)
    assert again == image
    assert await place.names() == [push.name]


async def test_a_registry_that_lost_blobs_to_the_garbage_collection_is_found_out(place: Place) -> None:
    """Case 51: its memory says that it has what was removed, so that a push sends nothing."""
    push = Push(place)
    await place.registry.delete(push.name, push.now())
    place.server.collect_garbage(delete_untagged=True)
    digest = push.now()

    with pytest.raises(NotDelivered, match="restart the registry"):
        await place.registry.verify_push(push.name, digest, push.build)
    assert await place.names() == []


async def test_a_restart_cures_a_registry_that_lost_blobs(place: Place) -> None:
    """Case 51."""
    push = Push(place)
    await place.registry.delete(push.name, push.now())
    place.server.collect_garbage(delete_untagged=True)
    push.now()
    place.server.stop()
    place.server.start()

    await place.registry.verify_push(push.name, push.now(), push.build)

    assert await place.names() == [push.name]


class Push:
    """Pushes the very same image again and again."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.name = place.shelf.name()
        plan, self._labels = place.shelf.labels(self.name)
        self.build = plan.id

    def now(self) -> str:
        """Push, and give the digest."""
        return put_image(self._place.server.url, self.name.repository, self.name.tag, self._labels)


async def test_after_a_push_no_request_is_needed_to_list_the_image(
    place: Place, installation: Installation, tmp_path: Path
) -> None:
    push = Push(place)
    cache = str(tmp_path / "another cache")
    async with registry_at(place.proxy.url, installation, refresh_seconds=60.0, cache_file=cache) as registry:
        assert list((await registry.list()).images) == []
        await registry.verify_push(push.name, push.now(), push.build)
        place.proxy.forget()

        listed = await registry.list()

    assert [image.name for image in listed.images] == [push.name]
    assert place.proxy.requests == []


@pytest.mark.parametrize(
    ("digest", "build", "said"),
    [(f"sha256:{'0' * 64}", "", "meanwhile"), ("", "f" * 32, "not what this build")],
    ids=["another digest", "another build"],
)
async def test_something_else_under_the_name_is_not_what_was_pushed(
    place: Place, digest: str, build: str, said: str
) -> None:
    push = Push(place)
    push.now()

    with pytest.raises(NotDelivered, match=said):
        await place.registry.verify_push(push.name, digest, build or push.build)


async def test_what_was_never_pushed_is_not_delivered(place: Place) -> None:
    with pytest.raises(NotDelivered):
        await place.registry.verify_push(place.shelf.name(), "", "f" * 32)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RunningRegistry]:
    with running_registry(tmp_path, Setup(users={"ada": "pass:wörd"})) as server:
        yield server


async def test_what_pushes_gets_a_credential_for_this_registry_alone(
    guarded: RunningRegistry, installation: Installation
) -> None:
    async with registry_at(guarded.url, installation, username="ada", password="pass:wörd") as registry:
        config = json.loads(await registry.push_config())

    assert list(config["auths"]) == [guarded.host]
    assert basic("ada", "pass:wörd").endswith(config["auths"][guarded.host]["auth"])


async def test_a_wrong_password_is_no_empty_list(guarded: RunningRegistry, installation: Installation) -> None:
    async with registry_at(guarded.url, installation, username="ada", password="wrong") as registry:
        with pytest.raises(RegistryUnavailable):
            await registry.list()
