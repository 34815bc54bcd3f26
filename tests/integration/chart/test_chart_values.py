"""What the chart takes as values, and how it refuses the others."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import yaml
from tests.integration.chart.manifests import BUILDS, CHART, LEAST, NAMESPACE, Refused, render
from tools.parts import helm

VALUES: Final = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text())
ABOUT: Final = yaml.safe_load((CHART / "Chart.yaml").read_text())
GIVEN_BY_OTHERS: Final = {"global", "enabled"}
"""What charts that have this one as a part hand on."""


def differences(schema: Mapping[str, Any], values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Give each part whose names the schema knows, with the names that only one of the two has."""
    if "properties" in schema:
        yield path, schema["properties"].keys() ^ values.keys()
        for name, part in schema["properties"].items():
            yield from differences(part, values.get(name, {}), f"{path}/{name}")


@pytest.mark.parametrize("values", ["least", "most"])
def test_helm_finds_nothing_wrong(values: str) -> None:
    found = helm.run("lint", "--strict", CHART, f"--values={CHART / 'ci' / f'{values}-values.yaml'}")

    assert (found.returncode, found.stderr) == (0, ""), found.stdout


def test_every_value_has_a_place_in_the_schema_and_a_default() -> None:
    found = dict(differences(SCHEMA, VALUES))

    assert found.pop("") == GIVEN_BY_OTHERS
    assert len(found) > 15
    assert {path: names for path, names in found.items() if names} == {}


def open_parts(part: object) -> Iterator[object]:
    """Give the parts of a schema that know names and take others, too."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict) and part.get("additionalProperties") is not False:
            yield part
        for each in part.values():
            yield from open_parts(each)


def test_no_part_of_the_values_takes_a_name_that_it_does_not_know() -> None:
    assert list(open_parts(SCHEMA)) == []


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"replica": 3}, "replica"),
        ({"replicas": "many"}, "replicas"),
        ({"replicas": 0}, "replicas"),
        ({"image": {"repository": "r2d", "pullPolicy": "Sometimes"}}, "image.pullPolicy"),
        ({"image": {"repository": "r2d@sha256:0"}}, "image.repository"),
        ({"hub": {"baseUrl": "jhub"}}, "hub.baseUrl"),
        ({"hub": {"url": "hub:8081"}}, "hub.url"),
        ({"hub": {"apiToken": {"secret": "hub"}}}, "hub.apiToken"),
        ({"hub": {"apiToken": {"secretName": ""}}}, "hub.apiToken.secretName"),
        ({"registry": {"url": "registry.example.org"}}, "registry.url"),
        ({"registry": {"url": "https://registry.example.org/v2/"}}, "registry.url"),
        ({"config": {"Repo2DockerService": 1}}, "config.Repo2DockerService"),
        ({"config": {"builds_per_owner": {}}}, "builds_per_owner"),
        ({"catalog": {"repo": "https://example.org"}}, "catalog"),
        ({"builds": {"podSecurity": "none"}}, "builds.podSecurity"),
        ({"builds": {"namespace": "Two Words"}}, "builds.namespace"),
        ({"buildkit": {"enable": True}}, "buildkit"),
        ({"buildkit": {"image": {"tag": ""}}}, "buildkit.image.tag"),
        ({"buildkit": {"storage": {"size": "50 GB"}}}, "buildkit.storage.size"),
        ({"buildkit": {"tls": {"secret": "one"}}}, "buildkit.tls"),
        ({"buildkit": {"config": {"worker": {}}}}, "buildkit.config"),
        ({"networkPolicy": {"closedToBuilds": ["10.0.0.0"]}}, "networkPolicy.closedToBuilds.0"),
        ({"networkPolicy": {"hubPodLabels": {"app": 1}}}, "networkPolicy.hubPodLabels.app"),
        ({"serviceMonitor": {"interval": "30"}}, "serviceMonitor.interval"),
        ({"service": {"port": 65536}}, "service.port"),
        ({"terminationGracePeriodSeconds": 1}, "terminationGracePeriodSeconds"),
    ],
    ids=lambda given: json.dumps(given) if isinstance(given, dict) else "",
)
def test_a_value_that_is_wrong_is_refused_by_its_place(values: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refused:
        render(**values)

    # The words are Helm's, and others in each of its versions.
    assert "values don't meet the specifications of the schema" in str(refused.value)
    assert place in str(refused.value).replace("/", ".")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"image": {}}, "image.repository: say where"),
        ({"registry": {}}, "registry.url: say which"),
        ({"ingress": {"enabled": True}}, "ingress.host: say under which name"),
        ({"serviceMonitor": {"enabled": True}}, "serviceMonitor.token.secretName: figures are for those"),
        ({"buildkit": {"enabled": True, "tls": {"serverSecret": "one"}}}, "buildkit.tls: name both Secrets or none"),
        ({"builds": {"namespace": NAMESPACE}}, "builds.namespace: builds need a namespace of their own"),
    ],
    ids=lambda given: "" if isinstance(given, str) else next(iter(given)),
)
def test_what_has_to_be_said_is_asked_for_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        render(**values)

    assert sentence in str(refused.value)


def test_what_another_chart_hands_on_is_taken() -> None:
    made = render({**LEAST, "global": {"anything": 1}, "enabled": True})

    assert made.the("Namespace")["metadata"]["name"] == BUILDS


def test_the_chart_has_the_version_of_the_service() -> None:
    project = tomllib.loads((CHART.parents[2] / "pyproject.toml").read_text())["project"]

    assert (ABOUT["version"], ABOUT["appVersion"]) == (project["version"], project["version"])
