"""Real registries tell whether everybody can read what is kept there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.registry.images import COMMIT, registry_at
from tests.integration.registry.proxy import RegistryProxy
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.token_server import TokenServer

from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import ImageName

ADA = {"username": "ada", "password": "pass"}


def coming(url: str, repository: str = "r2d/private/user--ada/example") -> ImageName:
    """Name an image that is not there yet."""
    return ImageName(url.partition("://")[2], repository, COMMIT)


async def test_one_that_wants_a_password_is_guarded(tmp_path: Path, installation: Installation) -> None:
    with running_registry(tmp_path, Setup(users={"ada": "pass"})) as server:
        async with registry_at(server.url, installation, **ADA) as registry:
            assert await registry.guards(coming(server.url))


async def test_one_that_gives_tokens_is_guarded_but_for_what_everybody_may_pull(
    guarded: RegistryProxy, tokens: TokenServer, installation: Installation
) -> None:
    tokens.public.add("r2d/example")
    async with registry_at(guarded.url, installation, **ADA) as registry:
        assert not await registry.guards(coming(guarded.url, "r2d/example"))
        assert await registry.guards(coming(guarded.url))


async def test_one_that_is_away_does_not_say(server: RunningRegistry, installation: Installation) -> None:
    async with registry_at(server.url, installation) as registry:
        server.stop()
        with pytest.raises(RegistryUnavailable):
            await registry.guards(coming(server.url))
