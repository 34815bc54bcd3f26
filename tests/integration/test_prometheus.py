"""A real Prometheus reads the figures, and its tool finds nothing wrong with them or with the alerts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.integration.waiting import wait_for
from tools.parts import prometheus
from tools.parts.ports import free_port
from tools.parts.prometheus import Prometheus, running_prometheus
from tools.service import RunningService, running_service

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "docs" / "how-to" / "monitoring" / "prometheus-rules.yaml"
SERVICE = """
c.Repo2DockerService.image_builder = "memory"
c.Repo2DockerService.registry = "memory"
c.Repo2DockerService.authorizer = "token"
c.Repo2DockerService.source_resolver = "memory"
c.InMemoryImageBuilder.scripts = {"https://example.org/canary/bad": {"reason": "build-failed"}}
"""
SCRAPES = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: repo2docker-service
    metrics_path: /metrics
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ["{target}"]}}]
  - job_name: nobody
    metrics_path: /metrics
    static_configs: [{{targets: ["{target}"]}}]
"""


@dataclass(frozen=True)
class Watched:
    """A service, and the Prometheus that reads it."""

    service: RunningService
    prometheus: Prometheus


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Let builds of three repositories end under the eyes of Prometheus."""
    folder = tmp_path_factory.mktemp("prometheus")
    with running_service(folder / "service", SERVICE) as service:
        target = service.url.removeprefix("http://").rstrip("/")
        configuration = SCRAPES.format(rules=RULES, token=service.token, target=target)
        with running_prometheus(folder, configuration, free_port()) as reads, service.client as client:
            for name in ("one", "two", "bad"):
                client.post("builds", json={"repo": f"https://example.org/canary/{name}"}).raise_for_status()
            yield Watched(service, reads)


def test_prometheus_reads_the_figures_and_only_with_a_token(watched: Watched) -> None:
    ends = 'sum by (state) (repo2docker_service_builds_ended_total{state="%s"})'
    wait_for(lambda: watched.prometheus.value(ends % "succeeded") == 2)
    wait_for(lambda: watched.prometheus.value(ends % "failed") == 1)
    wait_for(lambda: watched.prometheus.value('up{job="nobody"}') == 0)

    assert watched.prometheus.value('up{job="repo2docker-service"}') == 1
    assert watched.prometheus.value('repo2docker_service_part_up{part="builder"}') == 1
    assert watched.prometheus.value('repo2docker_service_requests_total{code="202",route="/api/v1/builds"}') == 3


def test_no_label_that_prometheus_has_names_anybodys_things(watched: Watched) -> None:
    wait_for(lambda: (watched.prometheus.value("sum(repo2docker_service_builds_ended_total)") or 0) > 0)
    values = {
        value
        for label in watched.prometheus.ask("labels")
        if label not in ("instance", "__name__")
        for value in watched.prometheus.ask(f"label/{label}/values")
    }

    assert "/api/v1/builds" in values
    for thing in ("canary", "example", "r2d/", "user:", watched.service.token):
        assert not [value for value in values if thing in value]


def test_the_alerts_are_taken(watched: Watched) -> None:
    (group,) = watched.prometheus.ask("rules")["groups"]

    assert len(group["rules"]) == RULES.read_text().count("- alert: ")


def test_the_tool_of_prometheus_finds_the_figures_well_made(watched: Watched) -> None:
    headers = {"Authorization": f"Bearer {watched.service.token}"}
    figures = httpx.get(f"{watched.service.url}metrics", headers=headers).content
    done = promtool("check", "metrics", text=figures)

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    for file in (RULES, HERE / "prometheus_rules_test.yaml"):
        shutil.copy(file, tmp_path)
    done = promtool("test", "rules", str(tmp_path / "prometheus_rules_test.yaml"))

    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def promtool(*words: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [prometheus.programs()["promtool"], *words]
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=30)
