"""Streams end when their reader loses the right to read."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from repo2docker_service.domain.errors import AuthorizerUnavailable, Unauthenticated
from repo2docker_service.domain.models import Identity
from repo2docker_service.entrypoints.http.watching import Watch

ADA = Identity("ada", scopes=frozenset({"images:read"}))


def watch(*answers: Identity | Exception) -> Watch:
    """Watch over somebody of whom this is found out, one after the other."""
    left = list(answers)

    async def identify() -> Identity:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    request = Request({"type": "http", "state": {"who": ADA, "identify": identify}})
    return Watch(request, every=0.001)


@pytest.mark.parametrize("change", [Identity("ada"), Identity("bob", scopes=ADA.scopes), Unauthenticated()], ids=repr)
async def test_a_change_ends_what_was_opened_before(change: Identity | Exception) -> None:
    async with asyncio.timeout(1):
        await watch(ADA, AuthorizerUnavailable("hub", "away"), ADA, change)()


@pytest.mark.parametrize("same", [ADA, AuthorizerUnavailable("hub", "away")], ids=["no change", "an outage"])
async def test_nothing_else_ends_it(same: Identity | Exception) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await watch(same)()
