"""Git servers whose certificates are signed by an authority that only an administrator's file names."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import ended, log_of
from tests.integration.raw_servers import Relay, certificate, listening
from tools.parts.engine import Engine
from tools.parts.repository import Repository
from traitlets import TraitError

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason


@pytest.mark.parametrize("trusted", [True, False], ids=["named", "not named"])
async def test_git_in_a_build_trusts_the_authorities_that_an_administrator_names(
    engine: Engine, installation: Installation, repositories: Repositories, tmp_path: Path, *, trusted: bool
) -> None:
    file, tls = certificate(tmp_path, "localhost")
    repository = Repository(repositories.git.root, f"{secrets.token_hex(4)}/example.git")
    commit = repository.commit({"Dockerfile": "FROM scratch\nCOPY . /\n"}, "The only one")
    relay = Relay(int(repositories.git.url.rpartition(":")[2]))
    traits = {"ca_bundle": str(file)} if trusted else {}

    async with (
        listening(relay.talk, tls) as port,
        docker_builder(engine, repositories.image, installation, **traits) as builder,
    ):
        plan = repositories.plan_of(f"https://localhost:{port}/{repository.name}", commit)
        build = await ended(builder, (await builder.start(*plan)).id)
        log = await log_of(builder, build.id)

    assert (build.state, build.reason) == (
        (BuildState.SUCCEEDED, None) if trusted else (BuildState.FAILED, Reason.SOURCE_UNREACHABLE)
    ), log
    assert any("certificate" in line for line in log) is not trusted


async def test_a_file_of_authorities_that_cannot_be_read_is_told_at_the_start(
    engine: Engine, installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("no certificate\n")
    for file in ("missing.pem", "empty.pem"):
        builder = docker_builder(engine, "any", installation, ca_bundle=str(tmp_path / file))
        with pytest.raises(TraitError, match="ca_bundle cannot be used"):
            await builder.__aenter__()
