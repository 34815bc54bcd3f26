"""The page on running beside Zero to JupyterHub: what it tells to write is taken by the chart and by a Hub."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml
from jupyterhub.app import JupyterHub
from kubespawner import KubeSpawner
from tests.integration.chart.manifests import CHART, LEAST, render

GUIDE: Final = (CHART.parents[2] / "docs" / "how-to" / "run-beside-zero-to-jupyterhub.md").read_text()
BLOCKS: Final = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
(HUB,) = (block for block in BLOCKS if "singleuser" in block)
(SERVICE,) = (block for block in BLOCKS if "image" in block)
MORE: Final = [block for block in BLOCKS if block not in (HUB, SERVICE)]
RELEASE: Final = "repo2docker-service"


@pytest.fixture
def hub() -> JupyterHub:
    """Give a Hub's settings after Zero to JupyterHub has read the values of the guide."""
    hub = JupyterHub()
    # As the chart of the Hub hands them on: an entry for each service, with the token that it has made.
    hub.config.JupyterHub.services = [
        {"name": key, "api_token": f"of {key}", **told} for key, told in HUB["hub"]["services"].items()
    ]
    for _, code in sorted(HUB["hub"]["extraConfig"].items()):
        exec(code, {"c": hub.config})
    return hub


def test_the_hub_sends_people_to_the_service_that_the_chart_makes(hub: JupyterHub) -> None:
    entry = next(each for each in hub.config.JupyterHub.services if each["name"] == "repo2docker")
    made = render(SERVICE, release=RELEASE).the("Service")

    address = urlsplit(entry["url"])
    assert (address.hostname, address.port or 80) == (made["metadata"]["name"], made["spec"]["ports"][0]["port"])
    assert entry["api_token"] == "of repo2docker"


def test_the_hub_starts_nothing_and_knows_every_setting(hub: JupyterHub) -> None:
    assert [each for each in hub.config.JupyterHub.services if "command" in each] == []
    for known in (JupyterHub, KubeSpawner):
        assert set(hub.config[known.__name__]) <= set(known.class_traits(config=True))
    assert callable(hub.config.KubeSpawner.profile_list)


def test_the_token_is_looked_for_under_the_name_that_the_hub_gives_it() -> None:
    made = render(SERVICE, release=RELEASE)
    (projected,) = (each["projected"] for each in made.pod["spec"]["volumes"] if each["name"] == "secrets")

    keys = {source["secret"]["name"]: source["secret"]["items"][0]["key"] for source in projected["sources"]}
    (name,) = HUB["hub"]["services"]
    assert keys["hub"] == f"hub.services.{name}.apiToken"
    assert keys["registry-push"] == ".dockerconfigjson"


@pytest.mark.parametrize("values", MORE, ids=lambda values: next(iter(values)))
def test_the_chart_takes_what_else_is_told(values: dict[str, Any]) -> None:
    assert render(LEAST, release=RELEASE, **values).objects
