"""Whether a registry can give a blob is found out by reading its first byte, wherever it is kept."""

import pytest
from tests.unit.adapters.v2.asking import (
    SOMEBODY,
    Known,
    Stored,
    client_of,
    config_of,
    index_of,
    layer,
    manifest_of,
)
from tests.unit.adapters.v2.scripted import Asked, Reply, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed, RegistryError

pytestmark = pytest.mark.served

BLOB = f"sha256:{'b' * 64}"
PATH = f"/v2/r/blobs/{BLOB}"
ELSEWHERE = {**layer(9, "f"), "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}
BROKEN_OFF = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        (Reply(206, b"x"), True),
        (Reply(200, b"x"), True),
        (Reply(200, b"x" * 100_000), True),
        (refusing(404, "BLOB_UNKNOWN"), False),
    ],
    ids=["its first byte", "all of a small one", "all of a large one", "nothing"],
)
async def test_a_blob_is_given_or_not(reply: Reply, given: bool) -> None:
    async with serving(lambda _: reply) as server, client_of(server.url) as client:
        assert await client.gives("r", BLOB) is given
        assert {(asked.path, asked.headers["range"]) for asked in server.requests} == {(PATH, "bytes=0-0")}


async def test_a_blob_that_breaks_off_is_tried_again_and_then_no_answer() -> None:
    async with serving(lambda _: Reply(raw=BROKEN_OFF)) as server, client_of(server.url) as client:
        with pytest.raises(ConnectionFailed):
            await client.gives("r", BLOB)
        assert len(server.requests) > 1


async def test_of_a_blob_that_is_kept_elsewhere_the_first_byte_is_read_there() -> None:
    async with serving(lambda _: Reply(206, b"x")) as storage:
        redirect = Reply(307, headers={"Location": f"{storage.url}/kept?signature=canary"})
        async with serving(lambda _: redirect) as server, client_of(server.url, Known(SOMEBODY)) as client:
            assert await client.gives("r", BLOB)
        [asked] = storage.requests
    assert (asked.path, asked.headers["range"], asked.authorization) == ("/kept", "bytes=0-0", "")


async def test_a_blob_that_may_not_be_read_is_not_taken_for_a_lost_one() -> None:
    async with serving(lambda _: refusing(403, "DENIED")) as server, client_of(server.url, Known(SOMEBODY)) as client:
        with pytest.raises(RegistryError):
            await client.gives("r", BLOB)


async def test_the_layers_of_an_image_are_told_once_and_without_those_kept_by_others() -> None:
    image = manifest_of(config_of(), layer(1, "a"), layer(2, "c"), layer(1, "a"), ELSEWHERE)

    assert await layers_of(image) == [f"sha256:{'a' * 64}", f"sha256:{'c' * 64}"]


async def test_the_layers_of_an_index_are_those_of_its_image() -> None:
    image = manifest_of(config_of(), layer(1, "a"))

    assert await layers_of(index_of(image.descriptor), image) == [f"sha256:{'a' * 64}"]
    assert await layers_of(index_of()) == []


async def layers_of(*stored: Stored) -> list[str]:
    """Ask for the layers of the first of these."""
    replies = {thing.digest: thing.reply for thing in stored}

    def play(asked: Asked) -> Reply:
        return replies[asked.path.rpartition("/")[2]]

    async with serving(play) as server, client_of(server.url) as client:
        return list(await client.layers("r", stored[0].digest))
