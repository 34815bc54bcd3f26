"""The page behind a real Hub, over a real engine and git server, and people who log in there with real browsers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, StorageState
from tests.integration.conftest import address
from tests.integration.hub.launching import Launching, launching_from
from tests.integration.page.visitor import Visit, Visitor
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.service import build

# A right that is lost is lost at once: nobody waits here to see that it is remembered for a while.
SETTINGS = """
c.JupyterHubAuthorizer.cache_seconds = 1
c.DockerImageBuilder.concurrency = 3
c.Repo2DockerService.profiles = [{"slug": "small", "title": "Small", "cpu": 2, "memory": "2G"}]
"""
LESSON = """FROM {image}
RUN for n in $(seq 200); do echo "line $n of the lesson"; done # {new}
RUN printf '\\033[1;31mred\\033[0m <script>alert(1)</script>\\n10 %%\\r50 %%\\r100 %%\\nthe end\\n' # {new}
COPY --chown=1000:1000 . /home/jovyan/
"""
LONG = """FROM {image}
RUN n=0; while [ $n -lt 100000 ]; do n=$((n + 1)); echo "line $n of many"; \
[ $((n % 20)) = 0 ] && sleep 0.1; done # {new}
"""
SHORT = """FROM {image}
RUN for n in 1 2 3 4 5 6; do echo "line $n of six"; sleep 0.5; done # {new}
"""
WRONG = """FROM {image}
RUN for n in $(seq 50); do echo "line $n"; done # {new}
RUN pip install --no-index numpi # {new}
"""
BARE = """FROM scratch
COPY . /
"""
BUILT_WITHIN = 120_000
"""Milliseconds, on a machine that does other things too."""


@dataclass
class Course:
    """A Hub with the service and what is taught there."""

    launching: Launching
    lesson: Repository
    """Built from its default branch; of its branch ``feature/x`` nothing is built."""
    build: dict[str, Any]
    """How the lesson was built."""
    logins: dict[str, StorageState] = field(default_factory=dict)
    """What the browsers of those keep who have logged in."""

    @property
    def url(self) -> str:
        """Where browsers find the page."""
        return self.launching.behind.url

    @property
    def repo(self) -> str:
        """The address of the lesson."""
        return address(self.launching.git, self.lesson)

    @property
    def name(self) -> str:
        """What the page calls it."""
        return shown(self.repo)

    def make(self, dockerfile: str) -> str:
        """Make a repository that no cache answers for, and give its address."""
        return self.launching.make(dockerfile.replace("{new}", secrets.token_hex(8)))

    def image(self, client: httpx.Client) -> dict[str, Any]:
        """Give the image of the lesson."""
        [found] = client.get("images", params={"name": self.build["image"]}).raise_for_status().json()["items"]
        image: dict[str, Any] = found
        return image


def shown(repo: str) -> str:
    """Give what the page calls a repository: the last two parts of its address."""
    return "/".join(repo.removesuffix(".git").split("/")[-2:])


@pytest.fixture(scope="session")
def course(
    engine: Engine, service_settings: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Course]:
    """Run the Hub with the service, with one environment built."""
    settings = service_settings + SETTINGS
    with launching_from(engine, git, tmp_path_factory.mktemp("course"), settings) as launching:
        lesson = launching.repository(LESSON.replace("{new}", secrets.token_hex(8)))
        lesson.branch("feature/x", lesson.commit({"README.md": "# The lesson\n"}, "Say what it is"))
        lesson.commit({"notes/second steps.md": "# Go on here\n"}, "More", branch="feature/x")
        with launching.client_of("alice") as alice:
            built = build(alice, repo=address(git, lesson), title="The lesson")
        assert built["state"] == "succeeded", built
        yield Course(launching, lesson, built)


@pytest.fixture
def api(course: Course) -> Iterator[httpx.Client]:
    """Give a client that is Alice."""
    with course.launching.client_of("alice") as client:
        yield client


@pytest.fixture
def started(api: httpx.Client, course: Course) -> Iterator[Callable[[str], str]]:
    """Starts builds of new repositories, and cancels those that are not over in the end."""
    begun: list[str] = []

    def start(dockerfile: str) -> str:
        begun.append(api.post("builds", json={"repo": course.make(dockerfile)}).raise_for_status().json()["id"])
        return begun[-1]

    yield start
    for each in begun:
        api.post(f"builds/{each}/cancel")


@pytest.fixture
def visit(chromium: Browser, course: Course) -> Iterator[Visit]:
    """Opens browsers of people who are logged in at the Hub; in the end none may have complained of the page."""
    visitors: list[Visitor] = []

    def make(who: str = "alice", place: str = "", *, again: bool = False, **options: Any) -> Visitor:
        known = None if again else course.logins.get(who)
        prefix = options.pop("prefix", course.url)
        context = chromium.new_context(storage_state=known, **options)
        visitor = Visitor(context.new_page(), prefix)
        visitors.append(visitor)
        visitor.listen()
        visitor.open(place)
        if known is None:
            log_in(visitor, who)
        visitor.sees(f"Signed in as {who}")
        if not again:
            course.logins[who] = context.storage_state()
        return visitor

    yield make
    for visitor in visitors:
        visitor.page.context.close()
    assert [visitor.complaints for visitor in visitors if visitor.complaints] == []


def log_in(visitor: Visitor, who: str) -> None:
    """Log in where the Hub asks for it."""
    visitor.page.get_by_label("Username").fill(who)
    visitor.press("Sign in")
