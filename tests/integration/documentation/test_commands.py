"""Every command that the documentation shows is run, page by page, by someone who types what is written there."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.documentation.machine import Machine
from tests.integration.documentation.stand_ins import ELSEWHERE, IN_A_CLONE, LEFT_OUT
from tests.pages import COMMANDS, ROOT, Block, blocks
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.engine import Engine
from tools.parts.packages import require
from tools.parts.ports import free_port
from tools.service import PRETENDED, RunningService, build, configured, running_service

CONFIG = "repo2docker_service_config.py"
NETWORK = f"t{secrets.token_hex(6)}"
SETTINGS = {"Repo2DockerService": {name: kind for name, kind in PRETENDED.items() if name != "authorizer"}}
"""No repository and no registry is asked: what pages name is anywhere."""


def named_in(table: Mapping[tuple[str, str], str], block: Block) -> list[tuple[str, str]]:
    """Give the keys of a table that name a block."""
    return [key for key in table if key[0] == block.page and block.script.startswith(key[1])]


def followed_here(page: str) -> list[Block]:
    return [each for each in blocks(*COMMANDS, page=page) if not named_in({**ELSEWHERE, **LEFT_OUT}, each)]


PAGES = [page for page in dict.fromkeys(block.page for block in blocks(*COMMANDS)) if followed_here(page)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run the one service that all pages ask."""
    with running_service(tmp_path_factory.mktemp("service"), configured(SETTINGS)) as service:
        yield service


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clone = tmp_path_factory.mktemp("clone") / "repo2docker-service"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True, timeout=60)
    return clone


@pytest.fixture
def registry_config(tmp_path: Path) -> str:
    """Configure a registry that has nothing yet."""
    storage = tmp_path / "storage"
    for name in ("blobs", "repositories"):
        (storage / "docker" / "registry" / "v2" / name).mkdir(parents=True)
    config = tmp_path / "registry.yml"
    config.write_text(json.dumps({"version": 0.1, "storage": {"filesystem": {"rootdirectory": str(storage)}}}))
    return str(config)


@dataclass
class Example:
    """Builds, images and servers of the service, for the names that pages make up."""

    client: httpx.Client
    image: dict[str, Any] = field(default_factory=dict)

    def new_image(self) -> str:
        """Build an image, as a page may delete the one before, and give its id."""
        ended = build(self.client, repo=f"https://example.org/{secrets.token_hex(8)}")
        [self.image] = self._items("images", name=ended["image"])
        return str(self.image["id"])

    def digest(self) -> str:
        return str(self.image["digest"])

    def server(self) -> str:
        """Start a server from the image, and give its name."""
        started = self.client.post("servers", json={"image": self.image["id"]}).raise_for_status()
        return str(started.json()["name"])

    def ended_build(self) -> str:
        self.new_image()
        return str(self._items("builds", state="succeeded")[0]["id"])

    def second_page(self) -> str:
        for _ in range(3):
            self.new_image()
        return str(self.client.get("builds", params={"limit": 2}).raise_for_status().json()["next"])

    def _items(self, kind: str, **query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client.get(kind, params=query).raise_for_status().json()["items"]
        return items


@pytest.fixture
def example(service: RunningService) -> Iterator[Example]:
    with service.client as client:
        yield Example(client)


@pytest.fixture
def machine(
    engine: Engine, service: RunningService, example: Example, registry_config: str, tmp_path: Path
) -> Iterator[Machine]:
    """Give somebody's home on this machine, with the things here that a page names otherwise."""
    require("curl", "jq", "openssl", "docker", "htpasswd", "docker-registry")
    home = tmp_path / "home"
    home.mkdir()
    port = str(free_port())
    words: dict[str, str | Callable[[], str]] = {
        r"\b[0-9a-f]{32}\b|\bBUILD_ID\b": example.ended_build,
        r"\b[0-9a-f]{24}\b": example.new_image,
        r"sha256:abab…": example.digest,
        r"\brequirements-3f1c\b": example.server,
        r"(?<=cursor=)\w+=": example.second_page,
        r"(?<=^REPOSITORY=)…": str(ROOT),
        r"(?<=TOKEN=)…": service.token,
        r"http://127\.0\.0\.1:10101(?=/api|$)": service.url.rstrip("/"),
        r"^uvicorn …": "uvicorn --factory repo2docker_service:create_app --port 8000",
        r"(?<=create_app).*--port \d+": f" --port {port}",
        r"/etc/(?:repo2docker-service/)?repo2docker_service_config\.py": str(service.log.with_name(CONFIG)),
        r"/etc/docker/registry/config\.yml": registry_config,
        r"/var/run/docker\.sock": engine.url.removeprefix("unix://"),
        r"\.venv/bin/": f"{sys.prefix}/bin/",
        r"(?<=docker network create )jupyterhub|(?<=Gateway}}' )jupyterhub": NETWORK,
        r"(?<=image\.instance=)default": NETWORK,
    }
    known = {
        "DOCKER_HOST": engine.url,
        "FREE_PORT": port,
        "REPO2DOCKER_SERVICE_URL": service.url,
        "REPO2DOCKER_SERVICE_TOKEN": service.token,
    }
    yield Machine(home, words, known)
    with suppress(EngineError):
        DockerApi(engine.url).ask("DELETE", f"/networks/{NETWORK}")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run(machine: Machine, clone: Path, tmp_path: Path, page: str) -> None:
    folder = tmp_path / "here"
    if page in IN_A_CLONE:
        folder.symlink_to(clone)
    else:
        folder.mkdir()
    (folder / "token.txt").write_text("a token\n")

    machine.follow(followed_here(page), folder)


def test_every_block_of_commands_is_followed_or_told_why_not() -> None:
    unknown = {
        key: [str(block) for block in blocks(*COMMANDS) if key in named_in({**ELSEWHERE, **LEFT_OUT}, block)]
        for key in (*ELSEWHERE, *LEFT_OUT)
    }
    shown = {name: (ROOT / name).read_text() for name in ELSEWHERE.values()}

    assert [key for key, found in unknown.items() if not found] == []
    assert [page for (page, _), name in ELSEWHERE.items() if Path(page).name not in shown[name]] == []
