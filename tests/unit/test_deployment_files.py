"""Whether the compose file, its configuration files and the Dockerfiles fit together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli.configuration import load
from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
COMPOSE: Final = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
SECRETS: Final = {name: DEPLOY / secret["file"] for name, secret in COMPOSE["secrets"].items()}
GUIDE: Final = (ROOT / "docs" / "how-to" / "run-in-a-container.md").read_text()
DOCKERFILES: Final = (ROOT / "Dockerfile", DEPLOY / "hub.Dockerfile")


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the files that the composed services find in /run/secrets."""
    for name in SECRETS:
        (tmp_path / name).write_text(f"the content of {name}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


@pytest.fixture
def service(secrets: Path) -> Repo2DockerService:
    return load([f"--config={DEPLOY / 'repo2docker_service_config.py'}"])


@pytest.fixture
def hub(secrets: Path) -> JupyterHub:
    """Read the Hub's configuration as a Hub does; the application is never the one that Hubs share."""
    hub = JupyterHub()
    hub.load_config_file(str(DEPLOY / "jupyterhub_config"))
    return hub


def given(service: str, key: str) -> list[str]:
    return [each.partition(":")[0] for each in SERVICES[service].get(key, [])]


KEYS: Final = (
    "name networks secrets services volumes "
    "build cap_drop command depends_on environment group_add healthcheck image ports read_only restart security_opt "
    "condition context dockerfile file interval start_period test timeout"
)
"""Those of the Compose specification that are used here: a misspelt one is found without Compose."""


def keys(part: object, *, own: bool = False) -> Iterator[str]:
    """Give all keys that the specification has to know, and not the names that are ours."""
    if isinstance(part, dict):
        for key, value in part.items():
            if not own:
                yield key
            if key not in {"environment", "image"}:
                yield from keys(value, own=not own and key in {*COMPOSE, "depends_on"})


def test_only_keys_are_used_that_compose_knows() -> None:
    assert set(keys(COMPOSE)) == set(KEYS.split())


@pytest.mark.parametrize(("key", "kind"), [("networks", "networks"), ("secrets", "secrets")])
def test_what_a_service_uses_is_declared_and_nothing_else_is(key: str, kind: str) -> None:
    assert {each for name in SERVICES for each in given(name, key)} == set(COMPOSE[kind])


def test_every_mounted_file_is_there_and_every_volume_is_declared() -> None:
    mounted = {each for name in SERVICES for each in given(name, "volumes")}
    files = {each for each in mounted if each.startswith(".")}

    assert [each for each in files if not (DEPLOY / each).is_file()] == []
    assert {each for each in mounted if not each.startswith(("/", "."))} == set(COMPOSE["volumes"])


def test_every_service_tells_whether_it_is_well() -> None:
    told = {name for name, each in SERVICES.items() if "healthcheck" in each}
    told |= {"service"} if "HEALTHCHECK" in (ROOT / "Dockerfile").read_text() else set()

    assert told == set(SERVICES)


def test_nothing_listens_to_other_machines() -> None:
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_people_reach_the_service_through_the_hub_only() -> None:
    assert "ports" not in SERVICES["service"]
    assert set(SERVICES["service"]["networks"]) & set(SERVICES["hub"]["networks"]) == {"inside"}
    assert "servers" not in SERVICES["service"]["networks"]


def test_every_variable_and_image_is_explained() -> None:
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    example = (DEPLOY / "environment.example").read_text()

    assert {each for each in used if not re.search(rf"^{each}=", example, re.MULTILINE)} == set()
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == used
    assert {each for each in used if f"`{each}`" not in GUIDE} == set()


def test_the_example_of_an_environment_has_what_compose_takes_unless_it_is_set() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    example = dict(re.findall(r"^(\w+)=(.+)$", (DEPLOY / "environment.example").read_text(), re.MULTILINE))

    assert example == dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    assert "make image" in GUIDE
    assert f"IMAGE ?= {example['SERVICE_IMAGE']}" in (ROOT / "Makefile").read_text()
    assert f"`{example['REGISTRY_IMAGE'].removeprefix('docker.io/library/')}` unless set" in GUIDE
    assert f"{example['HUB_PORT']} unless set" in GUIDE


def test_every_secret_is_a_file_that_git_ignores_and_the_guide_makes() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()

    assert [path for path in SECRETS.values() if f"/{path.parent.relative_to(ROOT)}/" not in ignored] == []
    assert [name for name in SECRETS if f"secrets/{name}" not in GUIDE] == []


def test_service_and_hub_are_told_the_same(service: Repo2DockerService, hub: JupyterHub) -> None:
    entry = hub.config.JupyterHub.services[0]
    told = service.config.JupyterHubAuthorizer
    command = SERVICES["service"]["command"]

    assert (entry["api_token"], entry["name"]) == (told.api_token, told.service_name)
    assert entry["url"] == f"http://service:{service.port}"
    assert told.api_url == f"http://{hub.config.JupyterHub.hub_connect_ip}:8081/hub/api"
    assert hub.config.JupyterHub.hub_connect_ip in SERVICES
    assert command == ["--ip=0.0.0.0"]
    assert SERVICES["service"]["environment"]["REPO2DOCKER_SERVICE_URL"] == (
        f"http://127.0.0.1:{service.port}{service.base_url}"
    )


def test_the_hub_knows_every_setting_and_starts_servers_where_they_reach_it(hub: JupyterHub) -> None:
    for known in (JupyterHub, SharedPasswordAuthenticator, Repo2DockerSpawner):
        for name in (each.__name__ for each in known.__mro__ if each.__name__ in hub.config):
            assert [each for each in hub.config[name] if each not in known.class_traits(config=True)] == []
    network = hub.config.DockerSpawner.network_name
    names = {key: (each or {}).get("name") for key, each in COMPOSE["networks"].items()}
    assert network in [names[each] for each in SERVICES["hub"]["networks"]]


def test_the_engine_pushes_to_where_the_registry_is(service: Repo2DockerService) -> None:
    registry = service.config.V2Registry

    assert SERVICES["registry"]["ports"] == [f"{registry.image_host}:5000"]
    assert registry.url == "http://registry:5000"
    assert Path(registry.password_file).name in SERVICES["service"]["secrets"]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_the_context_has_what_a_dockerfile_copies_and_little_else(dockerfile: Path) -> None:
    lines = re.findall(r"^COPY (?!--from)(.*)$", dockerfile.read_text(), re.MULTILINE)
    sources = {source for line in lines for source in line.split()[:-1]}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert sources
    assert [each for each in sources if not any(fnmatch(allowed, each) for allowed in let_in)] == []
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_image_runs_as_a_number_and_checks_its_health_without_a_shell() -> None:
    text = (ROOT / "Dockerfile").read_text()
    (user,) = re.findall(r"^USER (.*)$", text, re.MULTILINE)
    (check,) = re.findall(r"^HEALTHCHECK .* CMD (.*)$", text, re.MULTILINE)

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert json.loads(check)[0] == "python3"
