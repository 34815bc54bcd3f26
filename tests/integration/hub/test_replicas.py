"""Two replicas behind one proxy, behind a Hub: whichever of them answers, people notice nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import httpx
import pytest
from tests.integration.hub.launching_hub import SPAWNER
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.hub_login import browser, log_in, page_headers
from tools.parts.repository import Repository
from tools.reliability.hub_rig import BehindHub, behind_hub
from tools.reliability.logs import Rows, address_of, tally
from tools.reliability.proxy import WHICH
from tools.reliability.rig import Rig
from tools.service import Followed, build, events, follow

pytestmark = pytest.mark.slow
ROWS = Rows(200, 40)
SERVERS = """
c.JupyterHub.allow_named_servers = True
# So that nobody hears of the end of a start but by following it.
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0.1}
"""


@pytest.fixture(scope="module")
def two(engine: Engine, image: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BehindHub]:
    """Run two replicas behind a Hub that is under a path of its own."""
    rig = Rig(engine.url, image, git, tmp_path_factory.mktemp("two"))
    with behind_hub(rig, base_url="/jhub/", lines=SPAWNER + SERVERS) as two:
        yield two


class Alternating(httpx.Client):
    """Calls the API as the page in a browser does, and knows which replicas have answered."""

    def __init__(self, two: BehindHub, opened: httpx.Client) -> None:
        hooks = {"response": [self._note]}
        super().__init__(base_url=f"{two.url}api/v1/", headers=page_headers(opened), timeout=60, event_hooks=hooks)
        self.cookies = opened.cookies
        self.answered: list[str] = []

    def _note(self, response: httpx.Response) -> None:
        self.answered.append(response.headers[WHICH])


def test_a_login_a_build_and_its_log_need_no_replica_of_their_own(two: BehindHub, rig: Rig) -> None:
    with browser() as alice:
        shown = log_in(alice, f"{two.url}login?next={two.prefix}builds", "alice")
        came_by = [answer.headers[WHICH] for answer in (*shown.history, shown) if WHICH in answer.headers]
        with Alternating(two, alice) as page:
            me = [page.get("me").json()["name"] for _ in range(4)]
            first = page.post("builds", json={"repo": address_of(rig, ROWS)}).raise_for_status().json()
            again = page.post("builds", json={"repo": first["repo"]}).json()
            followed = pieces(page, first["id"], 50)
            ended = [page.get(f"builds/{first['id']}").json()["state"] for _ in range(2)]
            images = [page.get("images", params={"name": first["image"]}).json()["items"] for _ in range(2)]

    # The login itself changed the replica on its way, and the log did with every piece.
    assert str(shown.url) == f"{two.url}builds"
    assert set(came_by) == set(page.answered) == {"replica0", "replica1"}
    assert me == ["alice"] * 4
    assert (again["id"], again["joined"]) == (first["id"], True)
    assert tally(followed.lines, ROWS.rows).perfect
    assert ended == ["succeeded"] * 2
    assert images[0] == images[1] != []


def pieces(page: httpx.Client, build_id: str, most_lines: int) -> Followed:
    """Follow a log as somebody whose connection breaks every so many lines."""
    whole, after = Followed(), ""
    while not whole.end:
        piece = follow(page, build_id, after, most_lines)
        whole.lines += piece.lines
        whole.end = piece.end
        after = piece.ids[-1] if piece.ids else after
    return whole


def test_a_server_is_started_by_one_replica_and_followed_listed_and_stopped_by_any(two: BehindHub, rig: Rig) -> None:
    with browser() as alice:
        log_in(alice, f"{two.url}login", "alice")
        with Alternating(two, alice) as page:
            [image] = page.get("images", params={"name": build(page, repo=with_a_server(rig))["image"]}).json()["items"]
            page.answered.clear()
            started = page.post("servers", json={"image": image["id"]})
            progress = started.url.join(started.headers["Location"])
            with page.stream("GET", progress, headers={"Accept": "text/event-stream"}) as stream:
                *_, last = events(stream.raise_for_status().iter_lines())
            shown = [page.get("servers").json()["items"] for _ in range(2)]
            again = page.post("servers", json={"image": image["id"]})
            stopped = page.delete(f"servers/{started.json()['name']}").status_code
            answered = page.answered[:2]

    assert (started.status_code, last["event"], again.status_code) == (202, "ready", 200)
    assert shown[0] == shown[1]
    assert [(each["state"], each["image_id"]) for each in shown[0]] == [("ready", image["id"])]
    assert stopped == 204
    assert set(answered) == {"replica0", "replica1"}


def with_a_server(rig: Rig) -> str:
    """Make a repository in whose image something stands where the program of a server is looked for."""
    repository = Repository(rig.git.root, f"{secrets.token_hex(6)}/server.git")
    program = "/usr/local/bin/jupyterhub-singleuser"
    dockerfile = f"FROM {rig.image}\nUSER root\nRUN touch {program} && chmod +x {program}\n"
    repository.commit({"Dockerfile": dockerfile}, "With a server")
    return f"{rig.git.url.rstrip('/')}/{repository.name}"
