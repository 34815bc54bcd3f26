"""What administrators see of a real engine, and outdated images that they have built again on it."""

from __future__ import annotations

import httpx
from tests.integration.docker_builds import ADA, Repositories, docker_builder
from tests.integration.push_places import ended
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.service import RunningService

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.engine_warnings import warnings_of
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Identity
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.rebuilds.rebuilding import RebuildService

root = Identity("root", scopes=frozenset({"admin"}))


def test_what_should_be_changed_about_an_engine_is_told_to_administrators(
    service: RunningService, client: httpx.Client, docker: DockerApi
) -> None:
    expected = warnings_of(docker.ask("GET", "/info"), run_steps_are_bounded=False)

    summary = client.get("admin/summary").raise_for_status().json()
    ready = httpx.get(f"{service.url}health/ready").json()

    assert summary["warnings"] == [{"part": "builder", "message": message} for message in expected]
    assert (ready["status"], ready["warnings"]) == ("ok", len(expected))
    log = service.log.read_text()
    assert all(message in log for message in expected)
    assert summary["disk"]["free"] > 0


async def test_an_image_that_settings_have_made_outdated_is_built_again_and_is_another_one(
    engine: Engine,
    repositories: Repositories,
    installation: Installation,
    builder: DockerImageBuilder,
    docker: DockerApi,
) -> None:
    told = "FROM {image}\nARG NB_UID\nENV TOLD=$NB_UID\n"
    plan, destination = repositories.plan({"Dockerfile": told}, title="Kept")
    first = await ended(builder, (await builder.start(plan, destination)).id)
    assert first.state is BuildState.SUCCEEDED

    async with (
        docker_builder(engine, repositories.image, installation, user_id=1234) as changed,
        DockerDaemonRegistry(installation=installation, url=engine.url) as registry,
        GitSourceResolver(allow_private_networks=True) as sources,
    ):
        curated = CuratedImages(registry, settings=changed.settings)
        admission = Admission(changed, registry)
        service = RebuildService(changed, registry, sources, curated, admission, Policy(scopes_allow))
        [begun] = (await service.begin(root)).begun
        assert (await service.begin(root)).begun == []
        assert (await ended(changed, begun.id)).state is BuildState.SUCCEEDED
        assert (await service.preview(root)).items == []
        image = await registry.find(plan.image)

    assert image is not None
    assert (image.plan.id, image.plan.owner, image.title) == (begun.id, ADA, "Kept")
    assert "TOLD=1234" in docker.ask("GET", f"/images/{plan.image}/json")["Config"]["Env"]
