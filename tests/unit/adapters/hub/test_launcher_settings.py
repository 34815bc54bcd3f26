"""What is set for the authorizer is good for the launcher, unless it is set there too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher

SHARED = {"api_url": "http://hub:8081/hub/api", "api_token": "shared", "hub_host": "https://h.example", "timeout": 3.0}


def made(of_authorizer: Mapping[str, Any], own: Mapping[str, Any] = MappingProxyType({})) -> JupyterHubServerLauncher:
    config = Config({"JupyterHubAuthorizer": dict(of_authorizer), "JupyterHubServerLauncher": dict(own)})
    return JupyterHubServerLauncher(config=config)


def values(launcher: JupyterHubServerLauncher) -> dict[str, Any]:
    return {name: getattr(launcher, name) for name in SHARED}


def test_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("API_URL", "http://hub:1/hub/api"), ("API_TOKEN", "t"), ("HOST", "https://x.example")):
        monkeypatch.setenv(f"JUPYTERHUB_{name}", value)

    expected = {"api_url": "http://hub:1/hub/api", "api_token": "t", "hub_host": "https://x.example", "timeout": 10.0}
    assert values(made({})) == expected


def test_what_is_set_for_the_authorizer_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://other/hub/api")

    assert values(made({**SHARED, "cache_seconds": 5.0, "client_id": "service-x"})) == SHARED
    assert not caplog.records


def test_what_is_set_for_the_launcher_goes_before_all() -> None:
    own = {"api_url": "http://own/hub/api", "timeout": 7.0}

    assert values(made(SHARED, own)) == {**SHARED, **own}


def test_what_is_set_for_the_launcher_is_nothing_to_the_authorizer() -> None:
    config = Config({"JupyterHubServerLauncher": {"api_url": "http://own/hub/api", "timeout": 7.0}})
    needed = {"api_token": "t", "client_id": "service-x", "service_prefix": "/"}

    with pytest.raises(TraitError, match="api_url"):
        JupyterHubAuthorizer(config=config, **needed)
    assert JupyterHubAuthorizer(config=config, api_url="http://a/hub/api", **needed).timeout == 10.0


def test_the_command_line_counts_too() -> None:
    spoken = {name: DeferredConfigString(str(value)) for name, value in SHARED.items()}

    assert values(made(spoken)) == SHARED


@pytest.mark.parametrize("name", ["api_url", "api_token"])
def test_what_is_missing_is_told_by_both_its_names(name: str) -> None:
    with pytest.raises(TraitError, match=rf"c\.JupyterHubServerLauncher\.{name} .*JUPYTERHUB_{name.upper()}"):
        made({**SHARED, name: ""})


def test_an_address_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(TraitError, match=r"JupyterHubServerLauncher\.api_url") as caught:
        made({**SHARED, "api_url": "http://a:secret@h"})

    assert "secret@" not in str(caught.value)
