"""What images are made with: the user, the folder, and the labels that people and tools read."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import log_of
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

from repo2docker_service.domain.installation import Installation

TELL = "ARG NB_USER\nARG NB_UID\nARG REPO_DIR=none\nENV TOLD=$NB_USER:$NB_UID:$REPO_DIR\n"


async def config_of(
    engine: Engine, installation: Installation, repositories: Repositories, traits: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """Build an image with these settings, and give what is written in it."""
    plan, destination = repositories.plan({"Dockerfile": f"FROM {{image}}\n{TELL}"}, **fields)
    async with docker_builder(engine, repositories.image, installation, **traits) as builder:
        build = await builder.start(plan, destination)
        await log_of(builder, build.id)
    config: dict[str, Any] = DockerApi(engine.url).ask("GET", f"/images/{plan.image}/json")["Config"]
    return config


@pytest.mark.parametrize(
    ("traits", "told"),
    [
        ({}, "jovyan:1000:none"),
        ({"user_id": 1234, "user_name": "ada", "target_repo_dir": "/srv/repo"}, "ada:1234:/srv/repo"),
    ],
    ids=["as it is", "as an administrator wants it"],
)
async def test_images_are_made_for_one_user_and_one_folder_whoever_runs_the_service(
    engine: Engine, installation: Installation, repositories: Repositories, traits: dict[str, Any], told: str
) -> None:
    config = await config_of(engine, installation, repositories, traits)

    assert f"TOLD={told}" in config["Env"]


async def test_an_image_tells_everybody_what_it_was_made_of(
    engine: Engine, installation: Installation, repositories: Repositories
) -> None:
    fields = {"title": 'Ökologie, "3rd" year', "description": "Line one\nline two = $HOME"}

    labels = (await config_of(engine, installation, repositories, {}, **fields))["Labels"]

    assert labels["org.opencontainers.image.title"] == fields["title"]
    assert labels["org.opencontainers.image.description"] == fields["description"]
    assert labels["org.opencontainers.image.source"].endswith("/example.git")
    assert len(labels["org.opencontainers.image.revision"]) == 40


async def test_labels_that_plugins_add_are_on_the_image_and_replace_none_of_ours(
    engine: Engine, installation: Installation, repositories: Repositories
) -> None:
    added = {"org.example.team": "the lab", "org.opencontainers.image.title": "theirs"}

    labels = (await config_of(engine, installation, repositories, {}, labels=added, title="ours"))["Labels"]

    assert labels["org.example.team"] == "the lab"
    assert labels["org.opencontainers.image.title"] == "ours"
