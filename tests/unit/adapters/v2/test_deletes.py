"""What is deleted is gone, was gone before, or is there for a reason that is told."""

import pytest
from tests.unit.adapters.v2.asking import client_of
from tests.unit.adapters.v2.scripted import Reply, in_turn, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import ConnectionFailed, Refused, RegistryError

pytestmark = pytest.mark.served

DIGEST = f"sha256:{'0a' * 32}"


@pytest.mark.parametrize("reference", ["tag", DIGEST])
@pytest.mark.parametrize(("status", "was_there"), [(202, True), (200, True), (204, True), (404, False)])
async def test_deleting_tells_whether_there_was_something(reference: str, status: int, *, was_there: bool) -> None:
    async with serving(in_turn(Reply(status))) as server, client_of(server.url) as client:
        assert await client.delete("a/b", reference) is was_there
        assert server.said == [f"DELETE /v2/a/b/manifests/{reference}"]


@pytest.mark.parametrize("status", [400, 405])
async def test_a_registry_that_does_not_delete_says_so_once(status: int) -> None:
    async with serving(in_turn(refusing(status, "UNSUPPORTED"))) as server, client_of(server.url) as client:
        with pytest.raises(Refused, match="UNSUPPORTED") as caught:
            await client.delete("r", "tag")
        assert (caught.value.status, caught.value.code, len(server.requests)) == (status, "UNSUPPORTED", 1)


@pytest.mark.parametrize("failure", [Reply(raw=b""), Reply(reset=True), Reply(500), Reply(502), Reply(504)])
async def test_a_tag_is_not_deleted_twice_when_it_may_be_deleted_already(failure: Reply) -> None:
    async with serving(in_turn(failure, Reply(202))) as server, client_of(server.url) as client:
        with pytest.raises(RegistryError) as caught:
            await client.delete("r", "tag")
        assert caught.value.ambiguous
        assert len(server.requests) == 1

        server.play = in_turn(failure, Reply(202))
        assert await client.delete("r", DIGEST)
        assert len(server.requests) == 1 + 2


async def test_a_tag_is_deleted_again_when_it_cannot_be_deleted_already() -> None:
    async with serving(in_turn(Reply(503), Reply(429), Reply(202))) as server, client_of(server.url) as client:
        assert await client.delete("r", "tag")
    async with client_of(server.url) as client:
        with pytest.raises(ConnectionFailed, match="nothing answers") as caught:
            await client.delete("r", "tag")
        assert not caught.value.ambiguous


async def test_a_delete_is_not_redirected() -> None:
    reply = Reply(307, headers={"Location": "/v2/other/manifests/tag"})
    async with serving(in_turn(reply)) as server, client_of(server.url) as client:
        with pytest.raises(RegistryError, match="redirects"):
            await client.delete("r", "tag")
        assert len(server.requests) == 1
