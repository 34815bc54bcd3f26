"""What people see who delete several environments from a real registry at once."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.integration.conftest import address
from tests.integration.page.gallery import select
from tests.integration.page.real.conftest import shown
from tests.integration.page.visitor import Visitor
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.registry import running_registry
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything
from tools.service import RunningService, build, configured, running_service

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Stored:
    """A service whose images are in a registry, three of them, the first protected."""

    service: RunningService
    catalog: Path
    registry: str
    images: Sequence[dict[str, Any]]

    def is_there(self, image: dict[str, Any]) -> bool:
        """Ask the registry itself."""
        repository = image["name"].partition("/")[2].rpartition(":")[0]
        manifest = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
        return httpx.get(f"{self.registry}/v2/{repository}/manifests/{image['digest']}", headers=manifest).is_success

    def protect_nothing(self) -> None:
        """Change the catalog, and wait until the service has seen it."""
        self.catalog.write_text("[]")
        deadline = time.monotonic() + 30
        with self.service.client as client:
            while client.get(f"images/{self.images[0]['id']}").json()["protected"]:
                assert time.monotonic() < deadline, "The catalog is not read again."
                time.sleep(0.1)


@pytest.fixture
def stored(engine: Engine, git: GitServer, service_settings: str, tmp_path: Path) -> Iterator[Stored]:
    """Run a registry, and a service that has pushed three images to it."""
    instance, catalog = f"t{secrets.token_hex(6)}", tmp_path / "catalog.yaml"
    repos = [address(git, repository(git, name)) for name in ("kept", "notes", "data")]
    catalog.write_text(json.dumps([{"repo": repos[0], "protected": True}]))
    (tmp_path / "registry").mkdir()
    with running_registry(tmp_path / "registry") as registry:
        ours = {
            "Repo2DockerService": {
                "instance": instance,
                "image_prefix": f"r2d-{instance}",
                "catalog_file": str(catalog),
                "registry": "v2",
            },
            "V2Registry": {"url": registry.url},
        }
        settings = service_settings + configured(ours)
        with running_service(tmp_path / "service", settings) as service, service.client as client:
            for repo in repos:
                assert build(client, repo=repo)["state"] == "succeeded"
            images = {each["repo"]: each for each in client.get("images").json()["items"]}
            yield Stored(service, catalog, registry.url, [images[repo] for repo in repos])
    remove_everything(DockerApi(engine.url), instance)


def repository(git: GitServer, name: str) -> Repository:
    """Make a repository whose image is quickly pushed."""
    made = Repository(git.root, f"{secrets.token_hex(4)}/{name}.git")
    made.commit({"Dockerfile": "FROM scratch\nCOPY . /\n", "token": secrets.token_hex(8)}, "The only one")
    return made


def test_of_three_two_are_deleted_from_the_registry_and_the_protected_one_stays_until_it_is_not(
    chromium: Browser, stored: Stored
) -> None:
    context = chromium.new_context()
    ada = Visitor(context.new_page(), stored.service.url)
    ada.listen()
    ada.open(f"#token={stored.service.token}")
    select(ada.page, *(shown(image["repo"]) for image in stored.images))
    ada.page.get_by_role("button", name="Delete…").click()
    dialog = ada.page.get_by_role("alertdialog", name=re.compile(r"Delete 3 environments \([\d.]+ k?B\)\?"))
    expect(dialog).to_contain_text("Protected: it stays unless an administrator changes that.")
    assert [stored.is_there(image) for image in stored.images] == [True] * 3

    dialog.get_by_role("button", name="Delete 3").click()

    expect(dialog).to_contain_text("2 deleted, 1 failed")
    expect(dialog.get_by_text("is protected by the catalog")).to_be_visible()
    assert [stored.is_there(image) for image in stored.images] == [True, False, False]

    stored.protect_nothing()
    dialog.get_by_role("button", name="Retry failed").click()

    expect(dialog).to_have_count(0)
    ada.sees("No environments yet")
    assert not stored.is_there(stored.images[0])
    context.close()
    assert ada.complaints == []
