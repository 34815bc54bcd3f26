"""Whoever owns a name can answer differently each time, and gets no request to where nobody may look."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.integration.raw_servers import Relay
from tools.parts.git_server import git_server
from tools.parts.repository import Repository

from repo2docker_service.adapters import addresses
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.domain.errors import SourceForbidden
from repo2docker_service.domain.models import Source

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
