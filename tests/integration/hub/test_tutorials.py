"""The Hub of the tutorials does what they tell: one of two builds, both start servers, and a course is kept."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.hub.launching import AT_HOME, Launching, build_image, launch, launching_from
from tests.pages import COMMANDS, blocks
from tools.parts.docker_hub import Containers
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.hub_login import browser, log_in, page_headers
from tools.parts.repository import Repository

pytestmark = pytest.mark.slow

[HUB] = (each.text for each in blocks("python", page="docs/tutorial/with-a-hub.md"))
CLASS = "docs/tutorial/a-class-of-thirty.md"
[SERVICE] = (each.text for each in blocks("python", page=CLASS))
[CATALOG] = (each.text for each in blocks("yaml", page=CLASS))
[TOKEN] = (
    each.script
    for each in blocks(*COMMANDS, page="docs/how-to/connect-to-jupyterhub.md")
    if each.script.startswith("curl")
)
STUDENTS = 'c.JupyterHub.load_groups["statistics-1"] = {"users": ["ben"]}\n'
"""Those for whom the course is; what groups a Hub has is its administrator's business."""


@dataclass(frozen=True)
class Course:
    """The Hub, and the teacher's repository."""

    here: Launching
    repo: str

    def log_in(self, client: httpx.Client, user: str) -> httpx.Client:
        """Open the page of the service as somebody does, and let the client ask as the page would."""
        log_in(client, f"{self.here.behind.url}login", user).raise_for_status()
        client.base_url = f"{self.here.behind.url}api/v1/"
        client.headers.update(page_headers(client))
        return client


def as_in_the_tutorial(url: str, config: str) -> str:
    """Give its lines; Hub and service are at other ports of this machine, and use the engine of the tests."""
    listens, called = 'c.JupyterHub.ip = "127.0.0.1"\n', "configure(c, "
    assert listens in HUB
    assert called in HUB
    return HUB.replace(listens, "").replace(called, f"{called}url={url!r}, config_file={config!r}, ")


@pytest.fixture(scope="module")
def course(
    engine: Engine, service_settings: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Course]:
    """Run the Hub of the first tutorial, and with it the settings of the second."""
    folder = tmp_path_factory.mktemp("hub")
    repo = f"{git.url.rstrip('/')}/{folder.name}/statistics-1.git"
    catalog = folder / "catalog.yaml"
    catalog.write_text(CATALOG.replace("https://github.com/example/statistics-1", repo))
    settings = SERVICE.replace("/etc/repo2docker-service/catalog.yaml", str(catalog)) + service_settings

    def students(_: Containers) -> str:
        return STUDENTS

    with launching_from(engine, git, folder, settings, students, as_in_the_tutorial) as here:
        files = {"Dockerfile": AT_HOME.replace("{image}", here.singleuser), "first.ipynb": "{}"}
        Repository(git.root, f"{folder.name}/statistics-1.git").commit(files, "The course")
        yield Course(here, repo)


@pytest.fixture(scope="module")
def built(course: Course) -> dict[str, Any]:
    """Build the environment, as Ada, and give its image as she sees it."""
    with browser() as client:
        return build_image(course.log_in(client, "ada"), course.repo)


def test_who_is_in_no_group_starts_a_server_and_builds_nothing(
    course: Course, built: dict[str, Any], engine: Engine
) -> None:
    with browser() as client:
        ben = course.log_in(client, "ben")
        refused = ben.post("builds", json={"repo": course.repo, "force": True})
        [seen] = ben.get("images").raise_for_status().json()["items"]
        server = launch(ben, seen)
        host = course.here.inspected(engine, "ben")["HostConfig"]
    with course.here.client_of("ben") as program:
        files = course.here.get(program, f"{server['url']}api/contents/").json()["content"]

    assert refused.status_code == 403
    assert (seen["id"], seen["title"], seen["featured"], seen["profile"]) == (
        built["id"],
        "Statistics 1",
        True,
        "small",
    )
    assert server["kind"] == "ready"
    assert "first.ipynb" in [each["name"] for each in files]
    assert (host["Memory"], host["NanoCpus"] or host["CpuQuota"] / host["CpuPeriod"] * 10**9) == (2 * 2**30, 10**9)


def test_the_course_is_for_its_group_and_stays_until_the_term_is_over(course: Course, built: dict[str, Any]) -> None:
    match = {"If-Match": f'"{built["digest"]}"'}
    with browser() as client:
        kept = course.log_in(client, "ada").delete(f"images/{built['id']}", headers=match)
    with browser() as client:
        others = course.log_in(client, "cleo").get("images").raise_for_status().json()

    assert (kept.status_code, built["protected"]) == (409, True)
    assert (others["items"], others["total"]) == ([], 0)


def test_a_token_that_is_made_as_the_page_tells_reads_images_and_no_more(
    course: Course, built: dict[str, Any], tmp_path: Path
) -> None:
    hub = course.here.behind.hub
    script = TOKEN.replace("http://127.0.0.1:8000/", hub.url)
    done = subprocess.run(
        ["bash", "-ec", script],
        env=os.environ | {"ADMIN_TOKEN": hub.token("root"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [token] = re.findall(r'"token": ?"(\w+)"', done.stdout)
    with course.here.behind.client(token) as program:
        seen = program.get("images")
        refused = program.post("builds", json={"repo": course.repo})

    assert [each["id"] for each in seen.json()["items"]] == [built["id"]]
    assert refused.status_code == 403
