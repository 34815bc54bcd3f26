"""The composition root."""

from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest
from traitlets import TraitError
from traitlets.config import Config

from repo2docker_service.adapters.archives.registry import RegistryLogArchive
from repo2docker_service.adapters.authorizers.memory import InMemoryAuthorizer
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.memory import InMemorySourceResolver
from repo2docker_service.bootstrap import bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.models import Build, BuildRequest, BuildState, Source
from repo2docker_service.plugins import PORTS, UnknownAdapter

CONFIG = """
c.Repo2DockerService.image_builder = "memory"
c.Repo2DockerService.registry = "memory"
c.Repo2DockerService.authorizer = "memory"
c.Repo2DockerService.source_resolver = "memory"
c.InMemoryImageBuilder.lines = 3
c.InMemoryAuthorizer.tokens = {"ada's": {"name": "ada", "scopes": ["builds:create", "images:read"]}}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo2DockerService:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "repo2docker_service_config.py").write_text(CONFIG)
    return Repo2DockerService().load()


def test_adapters_are_chosen_and_configured_by_the_file(settings: Repo2DockerService) -> None:
    services = bootstrap(settings)

    assert isinstance(services.builder, InMemoryImageBuilder)
    assert isinstance(services.registry, InMemoryRegistry)
    assert isinstance(services.authorizer, InMemoryAuthorizer)
    assert isinstance(services.sources, InMemorySourceResolver)
    assert services.builder.lines == 3
    assert services.builder.installation is services.installation
    assert services.builder.parent is settings


async def test_a_plugin_that_is_allowed_and_cannot_be_used_is_told_where_people_ask_whether_all_is_well(
    settings: Repo2DockerService, tmp_path: Path
) -> None:
    (tmp_path / "repo2docker_service_config.py").write_text(f'{CONFIG}c.Repo2DockerService.allowed_plugins = ["gone"]')
    services = bootstrap(Repo2DockerService().load())
    async with services.running():
        health = await services.readiness.look()

    assert list(health.plugins) == ["gone"]
    assert [caution.message for caution in health.cautions] == ["gone cannot be used. It is not installed."]


async def test_the_chosen_adapters_work_together(settings: Repo2DockerService) -> None:
    services = bootstrap(settings)
    async with services.running():
        who = await services.authorizer.identify("ada's")
        build = await services.builds.start(who, BuildRequest(Source("https://example.org/a/b")))
        last = [item async for item in await services.builds.follow(who, build.id)][-1]
        report = await services.source_reports.look_up(who, Source("https://example.org/a/b"))
        images = await services.images.list(who)

    assert isinstance(last, Build)
    assert last.state is BuildState.SUCCEEDED
    assert [image.digest for image in images.items] == [last.digest]
    assert report.image == images.items[0]
    assert [ref.name for ref in report.refs] == ["main"]


@pytest.mark.parametrize("port", PORTS)
def test_an_override_takes_the_place_of_what_is_configured(settings: Repo2DockerService, port: str) -> None:
    override = settings.catalogue.choose(port, "memory")(installation=settings.installation())
    setattr(settings, port, "nothing of this name")
    with pytest.raises(UnknownAdapter, match="memory"):
        bootstrap(settings)

    services = bootstrap(settings, **{port: override})

    parts = (services.builder, services.registry, services.authorizer, services.sources, services.launcher)
    assert override in parts


def test_a_misspelt_override_is_refused(settings: Repo2DockerService) -> None:
    with pytest.raises(TypeError, match="authoriser"):
        bootstrap(settings, authoriser=InMemoryAuthorizer(installation=settings.installation()))


class Opened(InMemoryRegistry):
    """Tells whether it is open."""

    state = "new"

    async def __aenter__(self) -> Self:
        self.state = "open"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.state = "closed"


async def test_adapters_are_open_while_the_service_runs(settings: Repo2DockerService) -> None:
    registry = Opened(installation=settings.installation())
    services = bootstrap(settings, registry=registry)
    assert registry.state == "new"

    async with services.running():
        assert registry.state == "open"

    assert registry.state == "closed"


async def test_adapters_are_closed_when_another_cannot_be_opened(settings: Repo2DockerService) -> None:
    class Broken(Opened):
        async def __aenter__(self) -> Self:
            raise OSError("broken")

    registry = Opened(installation=settings.installation())
    services = bootstrap(settings, registry=registry, source_resolver=Broken(installation=settings.installation()))

    with pytest.raises(OSError, match="broken"):
        async with services.running():
            pass

    assert registry.state == "closed"


class Elsewhere(InMemoryAuthorizer):
    """Lets people log in at another place, which sends them back to where it was told to."""

    logout_url = "/hub/logout"
    home_url = "/hub/home"
    oauth_callback_url = "https://envs.example/services/envs/oauth_callback"

    def authorize_url(self, state: str, challenge: str) -> str:
        raise NotImplementedError

    async def token_for_code(self, code: str, verifier: str) -> str:
        raise NotImplementedError


def test_a_login_that_would_lead_back_to_nowhere_is_refused_at_the_start(settings: Repo2DockerService) -> None:
    elsewhere = Elsewhere(installation=settings.installation())

    with pytest.raises(
        TraitError, match=r"to https://envs\.example/services/envs/oauth_callback.* at /oauth_callback:"
    ):
        bootstrap(settings, authorizer=elsewhere)
    settings.base_url = "/services/envs/"
    assert bootstrap(settings, authorizer=elsewhere).authorizer is elsewhere


def test_logs_are_archived_only_where_the_registry_keeps_more_than_images(
    settings: Repo2DockerService, tmp_path: Path
) -> None:
    settings.archive_logs = True
    with pytest.raises(TraitError, match="archive_logs: the registry of this service keeps images only"):
        bootstrap(settings)

    settings.registry = "v2"
    settings.update_config(
        Config({"V2Registry": {"url": "http://127.0.0.1:5000"}, "RegistryLogArchive": {"retention_days": 3}})
    )
    archive = bootstrap(settings).archiver.archive

    assert isinstance(archive, RegistryLogArchive)
    assert archive.retention == timedelta(days=3)
    assert RegistryLogArchive in settings.catalogue.classes()
