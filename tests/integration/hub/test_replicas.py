"""Two replicas behind one proxy, behind a Hub: whichever of them answers, people notice nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tools.parts.hub_login import browser, log_in, page_headers
from tools.reliability.hub_rig import BehindHub, behind_hub
from tools.reliability.logs import Rows, address_of, tally
from tools.reliability.proxy import WHICH
from tools.reliability.rig import Rig
from tools.service import Followed, follow

pytestmark = pytest.mark.slow
ROWS = Rows(200, 40)


@pytest.fixture
def two(rig: Rig) -> Iterator[BehindHub]:
    """Run two replicas behind a Hub that is under a path of its own."""
    with behind_hub(rig, base_url="/jhub/") as two:
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
            build = page.post("builds", json={"repo": address_of(rig, ROWS)}).raise_for_status().json()
            again = page.post("builds", json={"repo": build["repo"]}).json()
            followed = pieces(page, build["id"], 50)
            ended = [page.get(f"builds/{build['id']}").json()["state"] for _ in range(2)]
            images = [page.get("images", params={"name": build["image"]}).json()["items"] for _ in range(2)]

    # The login itself changed the replica on its way, and the log did with every piece.
    assert str(shown.url) == f"{two.url}builds"
    assert set(came_by) == set(page.answered) == {"replica0", "replica1"}
    assert me == ["alice"] * 4
    assert (again["id"], again["joined"]) == (build["id"], True)
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
