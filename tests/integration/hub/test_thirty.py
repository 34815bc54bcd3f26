"""Thirty people of one group ask for one environment, read its log, and start a server from it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, Behind, service_config
from tests.integration.hub.launching_hub import SPAWNER
from tools.parts.hub import running_hub
from tools.parts.ports import free_port
from tools.service import build as built_by
from tools.service import events
from tools.trust import TRUST

pytestmark = pytest.mark.slow
STUDENTS = tuple(f"student-{number:02}" for number in range(30))
LINES = 60
WITHIN = 120.0
"""Seconds for all of it, on a machine that does other things too."""
MORE_PEOPLE = f"""
c.JupyterHub.load_groups["course-b"] = {{"users": {list(STUDENTS)!r}}}
c.Authenticator.allowed_users.update({STUDENTS!r})
c.JupyterHub.allow_named_servers = True
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
groups["builder_groups"].append("course-b")
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Run a Hub with thirty people more, a spawner that takes images, and this service with slow builds."""
    folder = tmp_path_factory.mktemp("course")
    chosen = {
        "InMemoryImageBuilder.pace": 0.1,
        "InMemoryImageBuilder.lines": LINES,
        "JupyterHubAuthorizer.timeout": 10.0,  # as it is by itself
    }
    config = service_config(folder, chosen)
    address = f"http://127.0.0.1:{free_port()}"
    service = f"configure(c, url={address!r}, config_file={str(config)!r}, **groups)\n"
    with running_hub(folder, SPAWNER + CONFIGURE + MORE_PEOPLE + service, "/jhub/") as hub:
        yield Behind(hub, hub.wait_for_service("repo2docker"))


@pytest.fixture(scope="module")
def tokens(course: Behind) -> list[str]:
    """Give each of them a token."""
    return [course.hub.token(name) for name in STUDENTS]


@asynccontextmanager
async def everybody(course: Behind, tokens: list[str]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Give a client of the API for each of them."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"{course.url}api/v1/",
                    headers={"Authorization": f"token {token}"},
                    timeout=WITHIN,
                    trust_env=False,
                    verify=TRUST,
                )
            )
            for token in tokens
        ]


@dataclass(frozen=True)
class Read:
    """What one of them was answered, and read to its end."""

    id: str
    joined: bool
    lines: tuple[str, ...]


async def ask_and_read(person: httpx.AsyncClient, repo: str) -> Read:
    """Ask for a build, and read its log until it is complete."""
    build = (await person.post("builds", json={"repo": repo})).raise_for_status().json()
    told = await all_events(person, f"builds/{build['id']}/log")
    lines = [line for name, data in told if name == "log" for line in data["lines"]]
    assert told[-1][0] == "end"
    return Read(build["id"], build["joined"], tuple(lines))


async def launch(person: httpx.AsyncClient, image: str) -> dict[str, Any]:
    """Start a server, follow that, and give what was said at its end."""
    started = await person.post("servers", json={"image": image})
    while started.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        # A Hub that starts thirty servers on a small machine may be silent for a while.
        await asyncio.sleep(float(started.headers["Retry-After"]))
        started = await person.post("servers", json={"image": image})
    assert started.is_success, started.text
    told = await all_events(person, started.headers["Location"])
    assert told[-1][0] == "ready", told[-1]
    return told[-1][1]


async def own_servers(person: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Give all servers of somebody."""
    servers: list[dict[str, Any]] = (await person.get("servers")).raise_for_status().json()["items"]
    return servers


async def all_events(person: httpx.AsyncClient, path: str) -> list[tuple[str, dict[str, Any]]]:
    """Give the events of a stream that ends, without what only keeps it alive."""
    address = httpx.URL(str(person.base_url)).join(path)
    stream = (await person.get(address, headers={"Accept": "text/event-stream"})).raise_for_status()
    return [(event["event"], json.loads(event["data"])) for event in events(iter(stream.text.split("\n")))]


async def test_all_ask_at_once_for_one_build_and_read_its_whole_log(course: Behind, tokens: list[str]) -> None:
    repo = f"https://example.org/{secrets.token_hex(8)}.git"
    async with asyncio.timeout(WITHIN), everybody(course, tokens) as people:
        read = await asyncio.gather(*(ask_and_read(each, repo) for each in people))

    assert len({each.id for each in read}) == 1
    assert [each.joined for each in read].count(False) == 1
    assert len({each.lines for each in read}) == 1
    assert len(read[0].lines) >= LINES


async def test_all_start_a_server_from_one_environment(course: Behind, tokens: list[str]) -> None:
    with course.client(tokens[0]) as first:
        build = built_by(first, repo=f"https://example.org/{secrets.token_hex(8)}.git")
        [image] = first.get("images", params={"name": build["image"]}).raise_for_status().json()["items"]
    async with asyncio.timeout(WITHIN), everybody(course, tokens) as people:
        ends = await asyncio.gather(*(launch(each, image["id"]) for each in people))
        pages = [(await people[0].get(httpx.URL(course.hub.url).join(end["url"]))).status_code for end in ends]
        servers = await asyncio.gather(*(own_servers(each) for each in people))

    assert all(end["url"].startswith(f"/jhub/user/{name}/") for name, end in zip(STUDENTS, ends, strict=True))
    assert pages == [200] * len(STUDENTS)
    assert [[(each["state"], each["image_id"]) for each in own] for own in servers] == [
        [("ready", image["id"])] for _ in STUDENTS
    ]
