"""The Hub's own spawn page: what each user is offered, what is refused, and what the Hub does meanwhile."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.integration.hub import seeded_registry
from tests.integration.hub.conftest import CONFIGURE, outside, service_config
from tests.integration.hub.launching_hub import SMALL_SERVERS, clear
from tests.integration.hub.seeded_registry import (
    HOSTILE,
    ODD,
    OF_ALICE,
    OF_BEN,
    OF_COURSE,
    SERVERLESS,
    SHARED,
    reference,
)
from tools.parts.hub import RunningHub, running_hub
from tools.parts.hub_login import browser, log_in
from tools.parts.ports import free_port

# A spawner that takes an image, as those for containers do, and starts a small process for it.
SPAWNER = (
    SMALL_SERVERS
    + r"""
import json
from traitlets import Unicode
from repo2docker_service.entrypoints.jupyterhub.mixin import Repo2DockerSpawnerMixin

class ProcessOfImage(SmallServers):
    image = Unicode("the/default:1")

    async def start(self):
        if self.user_options.get("image"):
            self.image = await self.check_allowed(self.user_options["image"])
        with open(STARTED, "a") as file:
            print(json.dumps([self.user.name, self.image, self.cpu_limit, self.mem_limit]), file=file)
        return await super().start()

class OfferingSpawner(Repo2DockerSpawnerMixin, ProcessOfImage):
    pass

c.JupyterHub.spawner_class = OfferingSpawner
c.JupyterHub.allow_named_servers = True
c.Spawner.consecutive_failure_limit = 0
"""
)
OUTSIDE = outside("repo2docker", "the-token-of-the-service")
PROFILES = [{"slug": "small", "title": "Small", "cpu": 0.5, "memory": "1G"}, {"slug": "big", "cpu": 2}]
CATALOG = f"""
- repo: https://example.org/{SHARED}
  title: The course
  default: true
  profile: small
"""


@dataclass(frozen=True)
class SpawnPages:
    """A Hub whose spawn pages show what a service of ours has."""

    hub: RunningHub
    record: Path

    def page_of(self, user: str) -> str:
        """Log in with a new browser and give the spawn page that is shown."""
        with browser() as client:
            return log_in(client, f"{self.hub.url}hub/spawn", user).raise_for_status().text

    def start(self, user: str, options: object, server: str = "") -> httpx.Response:
        """Start a server by the Hub's API with a token of its user, and wait until that has an end."""
        headers = {"Authorization": f"token {self.hub.token(user)}"}
        with httpx.Client(headers=headers, timeout=60) as client:
            path = f"servers/{server}" if server else "server"
            address = f"{self.hub.api_url}/users/{user}/{path}"
            answer = client.post(address, json={"user_options": options})
            deadline = time.monotonic() + 60
            while answer.status_code == 202 and time.monotonic() < deadline:
                servers = client.get(f"{self.hub.api_url}/users/{user}").json()["servers"]
                # One that has failed is not among them any more.
                if server not in servers or servers[server]["ready"]:
                    break
                time.sleep(0.1)
            return answer

    @property
    def started(self) -> list[list[Any]]:
        """User, image and limits of all that was started, in that order."""
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []


@contextmanager
def spawn_pages(folder: Path, service: str) -> Iterator[SpawnPages]:
    record = folder / "started"
    with running_hub(folder, f"STARTED = {str(record)!r}\n{CONFIGURE}{service}{SPAWNER}", base_url="/jhub/") as hub:
        yield SpawnPages(hub, record)


def managed(folder: Path) -> str:
    """Give the lines for a service that the Hub starts, with images, profiles and a catalog."""
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOG)
    settings = {
        "Repo2DockerService.allowed_plugins": ["seeded"],
        "Repo2DockerService.registry": "seeded",
        "Repo2DockerService.profiles": PROFILES,
        "Repo2DockerService.catalog_file": str(catalog),
    }
    entry = {"name": "repo2docker", "environment": {"PYTHONPATH": seeded_registry.install(folder)}}
    address, config = f"http://127.0.0.1:{free_port()}", str(service_config(folder, settings))
    return (
        f"c.JupyterHub.services.append({entry!r})\n"
        f"groups['viewer_groups'].append('course-a')\n"
        f"configure(c, url={address!r}, config_file={config!r}, **groups)\n"
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnPages]:
    """Run a Hub that starts the service, and one server of its users after the other."""
    folder = tmp_path_factory.mktemp("pages")
    with spawn_pages(folder, managed(folder)) as running:
        running.hub.wait_for_service("repo2docker")
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stop all that a test has started."""
    yield
    if "pages" in request.fixturenames:
        clear(request.getfixturevalue("pages").hub, "alice", "ben", "dora", "vera", "bob")


def offered(page: str) -> list[str]:
    """Give what a page lets one choose."""
    return [unescape(value) for value in re.findall(r'<input[^>]*name="image"[^>]*value="([^"]*)"', page)]


def references(*words: str) -> Sequence[str]:
    return [reference(word) for word in words]


@pytest.mark.parametrize(("user", "private"), [("alice", OF_ALICE), ("ben", OF_BEN), ("dora", OF_COURSE), ("vera", "")])
def test_everybody_is_offered_shared_images_and_private_ones_of_their_own(
    pages: SpawnPages, user: str, private: str
) -> None:
    page = pages.page_of(user)

    expected = references(SHARED, ODD, *([private] if private else []))
    assert offered(page)[0] == reference(SHARED)
    assert sorted(offered(page)) == sorted(expected)
    for word in {OF_ALICE, OF_BEN, OF_COURSE, SERVERLESS} - {private}:
        assert f"example.org/{word}" not in page


def test_the_page_shows_the_default_first_and_chosen_with_the_title_of_the_catalog(pages: SpawnPages) -> None:
    page = pages.page_of("vera")

    assert "The course" in page
    assert re.search(rf'value="{re.escape(reference(SHARED))}" required checked', page)
    assert page.count(" checked") == 1
    assert "Small (0.5 CPUs, 1 GiB of memory)" in page


def test_what_people_write_is_text_in_the_page(pages: SpawnPages) -> None:
    page = pages.page_of("vera")

    assert HOSTILE not in page
    assert "<img src=x" not in page
    assert HOSTILE in unescape(page)


def test_somebody_without_a_role_is_offered_nothing(pages: SpawnPages) -> None:
    page = pages.page_of("bob")

    assert offered(page) == []
    assert "no environment" in page
    assert 'href="/jhub/services/repo2docker/"' in page


def test_what_is_chosen_in_the_page_starts(pages: SpawnPages) -> None:
    with browser() as client:
        page = log_in(client, f"{pages.hub.url}hub/spawn", "alice")
        [action] = re.findall(r'id="spawn_form"\s+action="([^"]+)"', page.text)
        fields = {"image": reference(OF_ALICE), "profile": "big"}
        client.post(page.url.join(unescape(action)), data=fields).raise_for_status()

    assert pages.started[-1] == ["alice", reference(OF_ALICE), 2.0, None]


@pytest.mark.parametrize(
    ("options", "limits"),
    [({}, [0.5, 1024**3]), ({"profile": "small"}, [0.5, 1024**3]), ({"profile": "big"}, [2.0, None])],
)
def test_a_server_gets_the_limits_of_its_profile_or_of_the_one_in_the_catalog(
    pages: SpawnPages, options: dict[str, str], limits: list[object]
) -> None:
    assert pages.start("vera", {"image": reference(SHARED), **options}).status_code in (201, 202)

    assert pages.started[-1] == ["vera", reference(SHARED), *limits]


def test_an_image_may_be_named_too(pages: SpawnPages) -> None:
    assert pages.start("vera", {"image": f"localhost/r2d/{SHARED}:{'a' * 40}"}).status_code in (201, 202)

    assert pages.started[-1][1] == reference(SHARED)


@pytest.mark.parametrize(
    ("user", "options"),
    [
        ("vera", {"image": reference(OF_ALICE)}),
        ("vera", {"image": f"localhost/r2d/{OF_ALICE}:{'a' * 40}"}),
        ("ben", {"image": reference(OF_COURSE)}),
        ("vera", {"image": "docker.example/evil:latest"}),
        ("vera", {"image": "*"}),
        ("vera", {"image": [reference(SHARED)]}),
        ("vera", {"image": reference(SERVERLESS)}),
        ("vera", {"image": reference(SHARED), "profile": "huge"}),
        ("vera", {"profile": "huge"}),
        ("bob", {"image": reference(SHARED)}),
    ],
)
def test_the_api_refuses_what_is_not_offered_and_lists_nothing(
    pages: SpawnPages, user: str, options: dict[str, Any]
) -> None:
    before = pages.started

    answer = pages.start(user, options)

    assert answer.status_code == 400
    message = answer.json()["message"]
    assert re.search("Choose one from the list|no jupyterhub-singleuser", message), message
    assert "localhost" not in message
    assert pages.started == before


def test_the_page_refuses_what_is_not_offered(pages: SpawnPages) -> None:
    before = pages.started
    with browser() as client:
        page = log_in(client, f"{pages.hub.url}hub/spawn", "vera")
        [action] = re.findall(r'id="spawn_form"\s+action="([^"]+)"', page.text)
        for fields in ({"image": reference(OF_ALICE)}, {"image": ""}, {"profile": "small"}):
            answer = client.post(page.url.join(unescape(action)), data=fields)

            assert answer.status_code == 400
            assert "Error: This environment" in answer.text or "Error: Choose an environment." in answer.text
            assert sorted(offered(answer.text)) == sorted(references(SHARED, ODD))

    assert pages.started == before


def test_a_link_starts_nothing_and_has_what_is_offered_chosen_on_the_page(pages: SpawnPages) -> None:
    with browser() as client:
        log_in(client, f"{pages.hub.url}hub/home", "vera")
        link = f"{pages.hub.url}hub/spawn/vera?opt-image="
        before = pages.started
        of_alice, shared = (client.get(link + quote(reference(each))) for each in (OF_ALICE, SHARED))

    for page in (of_alice, shared):
        assert page.status_code == 400
        assert "Error: A link by itself starts nothing." in page.text
    assert reference(OF_ALICE) not in of_alice.text
    assert f'value="{reference(SHARED)}" required checked' in shared.text
    assert pages.started == before


def test_an_image_that_was_taken_away_does_not_start_again(pages: SpawnPages) -> None:
    pages.start("dora", {"image": reference(OF_COURSE)})
    clear(pages.hub, "dora")
    pages.hub.ask("DELETE", "/groups/course-a/users", {"users": ["dora"]})
    try:
        pages.hub.ask("POST", "/groups/viewers/users", {"users": ["dora"]})
        before = pages.started
        answer = pages.start("dora", {"image": reference(OF_COURSE)})
    finally:
        pages.hub.ask("DELETE", "/groups/viewers/users", {"users": ["dora"]})
        pages.hub.ask("POST", "/groups/course-a/users", {"users": ["dora"]})

    assert answer.status_code == 400
    assert pages.started == before


@pytest.fixture(scope="module")
def port() -> int:
    """Give the port where a service should be."""
    return free_port()


@pytest.fixture(scope="module")
def alone(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnPages]:
    """Run a Hub whose service does not run."""
    line = f"configure(c, url='http://127.0.0.1:{port}', **groups)\n"
    with spawn_pages(tmp_path_factory.mktemp("alone"), OUTSIDE + line) as running:
        yield running


def test_the_hub_answers_others_while_it_waits_for_a_service_that_says_nothing(alone: SpawnPages, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        token = alone.hub.token("vera")
        with ThreadPoolExecutor(4) as pool:
            began = time.monotonic()
            starting = pool.submit(alone.start, "alice", {"image": reference(SHARED)})
            showing = pool.submit(alone.page_of, "ben")
            slowest = 0.0
            while not (starting.done() and showing.done()):
                asked = time.monotonic()
                assert alone.hub.ask("GET", "/user", token=token).status == 200
                slowest = max(slowest, time.monotonic() - asked)
            answer, page = starting.result(), showing.result()
        waited = time.monotonic() - began

    print(f"the Hub waited {waited:.1f} s for the service, and others {slowest:.2f} s for the Hub")
    assert 4.5 < waited < 15
    assert slowest < 2
    assert answer.status_code in (202, 503)
    assert "cannot be read now" in page
    assert alone.started == []


def test_nothing_starts_and_nobody_waits_while_the_service_does_not_run(alone: SpawnPages) -> None:
    began = time.monotonic()
    answer = alone.start("ben", {"image": reference(SHARED)})
    took = time.monotonic() - began
    page = alone.page_of("vera")

    assert answer.status_code == 503
    assert "Try again in a minute" in answer.json()["message"]
    assert took < 5
    assert "cannot be read now" in page
    assert offered(page) == []
    assert alone.started == []
