"""The configuration that the chart writes, as the service reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.chart.manifests import LEAST, Manifests, render

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli import configuration
from repo2docker_service.entrypoints.cli.unknown_settings import unknown_settings

Read = Callable[[Manifests], Repo2DockerService]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read the files of the ConfigMap as the service does."""
    (tmp_path / "hub-token").write_text("the token\n")
    (tmp_path / "signing-keys").write_text("a key of many characters\nanother-key-of-many\n".replace(" ", "-"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    def read(manifests: Manifests) -> Repo2DockerService:
        for name in ("settings.json", "repo2docker_service_config.py"):
            (tmp_path / name).write_text(manifests.configuration(name))
        return configuration.read([f"--config={tmp_path / 'repo2docker_service_config.py'}"])

    return read


def test_the_service_listens_where_it_is_asked(read: Read, least: Manifests) -> None:
    service = read(least)

    (port,) = least.container["ports"]
    assert (service.ip, service.port, port["name"]) == ("0.0.0.0", port["containerPort"], "http")
    assert least.container["readinessProbe"]["httpGet"]["path"].startswith(service.base_url)
    assert least.the("Service")["spec"]["ports"][0]["targetPort"] == port["name"]


def test_secrets_come_from_files(read: Read, least: Manifests) -> None:
    service = read(least)

    assert service.secret == ["a-key-of-many-characters", "another-key-of-many"]
    assert service.config.JupyterHubAuthorizer.api_token == "the token"


def test_the_hub_is_asked_where_it_is(read: Read, most: Manifests) -> None:
    told = read(most).config.JupyterHubAuthorizer

    assert told.api_url == "http://hub.jupyterhub:8081/jhub/hub/api"
    assert (told.service_name, told.service_prefix) == ("builder", "/jhub/services/builder/")
    assert told.oauth_callback_url == "https://builds.example.org/jhub/services/builder/oauth_callback"
    assert told.hub_host == "https://hub.example.org"


def test_what_the_administrator_says_goes_before_what_the_chart_says(read: Read, most: Manifests) -> None:
    service = read(most)

    assert (service.log_as, service.builds_per_owner) == ("text", 10)
    assert service.registry == "v2"


def test_python_of_the_administrator_runs_last_and_in_order(read: Read, most: Manifests) -> None:
    assert read(most).images_per_owner == 21


@pytest.mark.parametrize("value", [1073741824, 0.5, True, "2G", ["a"], {"a": {"b": 10}}, None])
def test_a_value_comes_to_the_service_as_it_was_written(read: Read, value: object) -> None:
    made = render({**LEAST, "config": {"InMemoryImageBuilder": {"scripts": {"one": value}}}})

    given = read(made).config.InMemoryImageBuilder.scripts["one"]
    assert (given, type(given)) == (value, type(value))


def test_the_service_knows_every_setting_of_the_chart(read: Read, least: Manifests, most: Manifests) -> None:
    assert [list(unknown_settings(read(made))) for made in (least, most)] == [[], []]
    assert read(most).image_builder in read(most).catalogue.offered["image_builder"]
