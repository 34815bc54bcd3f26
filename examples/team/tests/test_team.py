"""What the plugin promises. The first class is the service's own: every authorizer has to pass it."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from repo2docker_service_team.authorizer import TeamAuthorizer
from repo2docker_service_team.rules import TeamRules

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.errors import AuthorizerUnavailable, Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, Identity, ImageName, Owner, Source
from repo2docker_service.testing.authorizer import AuthorizerContract

TOKEN = "ada's own token"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "team.json"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    file.write_text(json.dumps({"ada": {"token_sha256": digest, "groups": ["lab"], "scopes": ["builds:read"]}}))
    return file


class TestTeamAuthorizer(AuthorizerContract):
    @pytest.fixture
    def authorizer(self, file: Path, tmp_path: Path) -> TeamAuthorizer:
        return TeamAuthorizer(file=str(file), installation=_installation(tmp_path))

    @pytest.fixture
    def token(self) -> str:
        return TOKEN

    @pytest.fixture
    def identity(self) -> Identity:
        return Identity("ada", groups=frozenset({"lab"}), scopes=frozenset({"builds:read"}))


def test_who_is_taken_out_of_the_file_is_out_at_once(file: Path, tmp_path: Path) -> None:
    authorizer = TeamAuthorizer(file=str(file), installation=_installation(tmp_path))
    asyncio.run(authorizer.identify(TOKEN))
    file.write_text("{}")

    with pytest.raises(Unauthenticated):
        asyncio.run(authorizer.identify(TOKEN))


def test_a_file_that_cannot_be_read_is_no_wrong_token(file: Path, tmp_path: Path) -> None:
    authorizer = TeamAuthorizer(file=str(file), installation=_installation(tmp_path))
    file.write_text("{")

    with pytest.raises(AuthorizerUnavailable):
        asyncio.run(authorizer.identify(TOKEN))


def test_only_what_the_team_builds_is_built(tmp_path: Path) -> None:
    rules = _rules(tmp_path, addresses=["https://forge.example/team/"])

    assert rules.veto_build(_plan("https://forge.example/team/course")) is None
    assert rules.veto_build(_plan("https://elsewhere.example/course")) == (
        "This team builds from https://forge.example/team/ only."
    )


def test_every_image_gets_the_packages_of_the_team(tmp_path: Path) -> None:
    config = _rules(tmp_path, packages=["nbgitpuller"]).repo2docker_config()

    assert config == {"Repo2Docker": {"appendix": "RUN python3 -m pip install --no-cache-dir nbgitpuller"}}


def _installation(folder: Path) -> Installation:
    return Repo2DockerService(data_dir=str(folder)).installation()


def _rules(folder: Path, **settings: Any) -> TeamRules:
    return TeamRules(installation=_installation(folder), **settings)


def _plan(address: str) -> BuildPlan:
    ada = Owner.parse("user:ada")
    return BuildPlan("ab" * 16, Source(address), "c" * 40, ImageName("localhost", "r2d/a", "b"), ada, ada)
