"""From a git address to a server that answers: the real Hub, its proxy, DockerSpawner and what this service built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.integration.hub.launching import AT_HOME, Launching, build_image, launch, launching_from
from tools.parts import singleuser_image
from tools.parts.docker_hub import Containers
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.hub_login import browser, log_in

from repo2docker_service.entrypoints.jupyterhub.offers import NOT_OFFERED

pytestmark = pytest.mark.slow

ELSEWHERE = """FROM {image}
WORKDIR /srv/repo
COPY --chown=1000:1000 . .
"""
WITHOUT_SERVER = """FROM {image}
USER root
RUN rm "$(command -v jupyterhub-singleuser)"
USER 1000
"""
SMALL = {"slug": "small", "title": "Small", "cpu": 1.5, "memory": "1G"}
KEPT_HOME = """
def keep_home(spawner):
    if spawner.user.name == "ben":
        spawner.volumes = {volume!r}
c.Spawner.pre_spawn_hook = keep_home
"""


@pytest.fixture(scope="module")
def launching(
    engine: Engine, service_settings: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launching]:
    """Run a Hub with the service, and somebody whose home is kept."""

    def keep_home(containers: Containers) -> str:
        return KEPT_HOME.format(volume={f"{containers.prefix}-home": "/home/jovyan"})

    settings = f"c.Repo2DockerService.profiles = [{SMALL!r}]\n{service_settings}"
    with launching_from(engine, git, tmp_path_factory.mktemp("hub"), settings, keep_home) as launching:
        yield launching


@pytest.fixture(scope="module")
def lesson(launching: Launching) -> dict[str, Any]:
    """Build an environment, as Alice."""
    with launching.client_of("alice") as alice:
        return build_image(alice, launching.make(AT_HOME))


def test_what_was_built_from_a_git_address_starts_and_shows_its_files(
    launching: Launching, lesson: dict[str, Any]
) -> None:
    with launching.client_of("alice") as alice:
        server = launch(alice, lesson, path="notes/first steps.md")
        [listed] = alice.get("servers").json()["items"]
        version = launching.get(alice, f"{server['url']}api")
        opened = launching.get(alice, f"{server['url']}api/contents/notes/first steps.md")
        page = launching.get(alice, server["open_url"])
        again = alice.post("servers", json={"image": lesson["id"], "server_name": server["name"]})
        container = launching.container_of("alice")
        stopped = alice.delete(f"servers/{server['name']}")
        left = alice.get("servers").json()["items"]

    assert server["kind"] == "ready"
    assert server["open_url"] == f"{server['url']}lab/tree/notes/first%20steps.md"
    assert (listed["state"], listed["image_id"]) == ("ready", lesson["id"])
    assert version.json()["version"].startswith("2.")
    assert opened.json()["content"] == "# Begin here\n"
    assert page.status_code == 200
    assert "JupyterLab" in page.text
    assert again.status_code == 200
    assert stopped.status_code == 204
    assert left == []
    assert launching.gone(container)


def test_a_viewer_gets_a_server_of_its_own_from_what_a_builder_built(
    launching: Launching, lesson: dict[str, Any]
) -> None:
    with launching.client_of("alice") as alice, launching.client_of("vera") as vera:
        refused = vera.post("builds", json={"repo": "https://example.org/x.git"})
        servers = {who: launch(client, lesson) for who, client in (("alice", alice), ("vera", vera))}
        foreign = launching.get(vera, f"{servers['alice']['url']}api/contents")
        own = launching.get(vera, f"{servers['vera']['url']}api/contents/notes")
        stops = [client.delete(f"servers/{servers['vera']['name']}").status_code for client in (vera, alice)]

    assert refused.status_code == 403
    assert [server["kind"] for server in servers.values()] == ["ready", "ready"]
    assert foreign.status_code in {403, 404}
    assert [each["name"] for each in own.json()["content"]] == ["first steps.md"]
    assert stops == [204, 204]


def test_files_outside_of_the_home_are_opened_where_a_volume_lies_over_it(launching: Launching, engine: Engine) -> None:
    with launching.client_of("ben") as ben:
        image = build_image(ben, launching.make(ELSEWHERE))
        server = launch(ben, image, path="notes/first steps.md")
        mounts = launching.inspected(engine, "ben")["Mounts"]
        opened = launching.get(ben, f"{server['url']}api/contents/notes/first steps.md")
        ben.delete(f"servers/{server['name']}").raise_for_status()

    assert server["kind"] == "ready"
    assert [mount["Destination"] for mount in mounts] == ["/home/jovyan"]
    assert opened.json()["content"] == "# Begin here\n"


def test_a_server_gets_the_limits_of_the_profile_that_was_chosen(
    launching: Launching, engine: Engine, lesson: dict[str, Any]
) -> None:
    with launching.client_of("carol") as carol:
        [profile] = carol.get("info").json()["profiles"]
        server = launch(carol, lesson, profile=profile["slug"])
        [listed] = carol.get("servers").json()["items"]
        limits = launching.inspected(engine, "carol")["HostConfig"]
        carol.delete(f"servers/{server['name']}").raise_for_status()

    assert server["kind"] == "ready"
    assert listed["profile"] == "small"
    assert (limits["Memory"], limits["CpuQuota"] / limits["CpuPeriod"]) == (profile["memory"], profile["cpu"])
    assert (profile["memory"], profile["cpu"]) == (1024**3, 1.5)


def test_a_server_of_the_release_before_that_most_environments_have_starts_and_lets_its_owner_in(
    launching: Launching, engine: Engine
) -> None:
    older = singleuser_image.ensure(engine.url, singleuser_image.OLDER_JUPYTERHUB)
    with launching.client_of("ben") as ben, browser() as window:
        image = build_image(ben, launching.make(AT_HOME.replace("{image}", older)))
        server = launch(ben, image, server_name="older")
        status = launching.get(ben, f"{server['url']}api/status")
        page = log_in(window, str(httpx.URL(launching.behind.hub.url).join(server["open_url"])), "ben")
        ben.delete("servers/older").raise_for_status()

    assert server["kind"] == "ready"
    assert status.status_code == 200
    assert page.url.path.startswith(f"{server['url']}lab")
    assert "JupyterLab" in page.text


def test_an_image_without_a_server_in_it_is_refused_with_what_to_do(launching: Launching) -> None:
    with launching.client_of("alice") as alice:
        image = build_image(alice, launching.make(WITHOUT_SERVER))
        refused = alice.post("servers", json={"image": image["id"]})
        started = [server.get("image_id") for server in alice.get("servers").json()["items"]]

    assert refused.status_code == 409
    assert "jupyterhub-singleuser" in refused.json()["detail"]
    assert image["id"] not in started


def test_an_image_that_is_on_the_engine_and_not_offered_is_started_for_nobody(
    launching: Launching, engine: Engine
) -> None:
    image = singleuser_image.ensure(engine.url)

    refused = launching.behind.hub.ask("POST", "/users/vera/server", {"user_options": {"image": image}})

    assert refused.status == 400
    assert refused.body["message"] == NOT_OFFERED
    assert [name for name in launching.containers.running() if name.endswith("-vera")] == []
