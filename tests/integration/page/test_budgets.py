"""What the page may cost: in time, bytes, memory and connections, in a real browser on a full service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect
from tools.bench.page import builds, environments, logs, network
from tools.bench.page.services import LIVE, LONG, MANY_IMAGES, as_ada, fill, pretending_service, sign_in
from tools.reliability.figures import missed
from tools.service import RunningService

FEW: Final = 40
AWAY: Final = 61_000
"""Milliseconds after which a tab that nobody sees gives up its connection."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service whose parts pretend."""
    with pretending_service(tmp_path_factory.mktemp("budgets")) as service:
        yield service


@pytest.fixture(scope="module")
def ada(service: RunningService) -> Iterator[httpx.Client]:
    """Give a client of somebody who may do everything."""
    with as_ada(service) as ada:
        yield ada


@pytest.fixture(scope="module")
def few(ada: httpx.Client) -> int:
    """Have as many images as a course has, and give how many."""
    fill(ada, range(FEW))
    return FEW


@pytest.fixture(scope="module")
def many(ada: httpx.Client, few: int) -> int:
    """Have as many images as we promise anything about, and give how many."""
    fill(ada, range(few, MANY_IMAGES))
    return MANY_IMAGES


@pytest.fixture(scope="module")
def long_log(ada: httpx.Client) -> str:
    """Give a build that has written a long log."""
    return logs.built(ada, LONG)


@pytest.fixture
def page(chromium: Browser, service: RunningService) -> Iterator[Page]:
    """Give a tab of somebody who is signed in."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script(environments.WATCH)
    page.add_init_script(logs.WATCH)
    sign_in(page, service)
    yield page
    context.close()


def test_a_course_full_of_environments_is_there_at_once_and_nothing_jumps(
    page: Page, service: RunningService, few: int
) -> None:
    figures = [*environments.opened(page, service.url, few), *environments.settled(page, service.url, few)]

    assert missed(figures) == []


def test_a_thousand_are_there_as_soon(page: Page, service: RunningService, many: int) -> None:
    figures = [*environments.opened(page, service.url, many), *environments.settled(page, service.url, many)]

    assert missed(figures) == []


def test_little_has_to_be_loaded(page: Page, service: RunningService, ada: httpx.Client, many: int) -> None:
    assert missed([*network.visited(page, service.url), *network.listed(ada, many)]) == []


def test_already_the_first_search_of_a_thousand_is_there_with_the_letter(
    page: Page, service: RunningService, many: int
) -> None:
    assert missed(environments.searched(page, service.url, many, ["group-3", "project-99"])) == []


def test_a_thousand_are_scrolled_through_without_a_gap(page: Page, service: RunningService, many: int) -> None:
    assert missed(environments.swept(page, service.url, many)) == []


def test_builds_that_come_and_go_leave_nothing_behind_in_the_list(
    page: Page, service: RunningService, ada: httpx.Client
) -> None:
    assert missed(builds.watched(page, service.url, ada, 40)) == []


def test_a_hundred_thousand_lines_are_painted_at_once_and_cost_little(
    page: Page, service: RunningService, long_log: str
) -> None:
    assert missed(logs.opened(page, service.url, long_log)) == []


def test_a_search_through_all_of_them_takes_no_time_worth_the_name(
    page: Page, service: RunningService, long_log: str
) -> None:
    assert missed(logs.searched(page, service.url, long_log, ["package-4", "nothing like it"])) == []


def test_the_page_answers_while_a_thousand_lines_come_each_second(
    page: Page, service: RunningService, ada: httpx.Client
) -> None:
    assert missed(logs.followed(page, service.url, ada, 3000)) == []


def test_lines_that_come_leave_little_behind(page: Page, service: RunningService, ada: httpx.Client) -> None:
    assert missed(logs.soaked(page, service.url, ada, 10_000)) == []


def test_a_tab_has_one_stream_which_it_gives_up_when_nobody_looks(
    page: Page, service: RunningService, ada: httpx.Client, few: int
) -> None:
    assert few
    live = logs.built(ada, LIVE)
    streams: set[Request] = set()

    def begin(request: Request) -> None:
        if request.headers.get("accept") == "text/event-stream":
            streams.add(request)

    def end(request: Request) -> None:
        streams.discard(request)

    page.on("request", begin)
    page.on("requestfailed", end)
    page.on("requestfinished", end)
    page.clock.install()
    for place, heading in (("", "Environments"), ("builds", "Builds"), (f"builds/{live}", "o/live")):
        page.goto(f"{service.url}{place}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        reach(page, streams, 1)
        look(page, away=True)
        reach(page, streams, 0)
        look(page, away=False)
        reach(page, streams, 1)
    ada.post(f"builds/{live}/cancel")


def look(page: Page, *, away: bool) -> None:
    """Look at another tab for more than a minute, or at this one again."""
    page.evaluate(
        """away => {
            Object.defineProperty(document, 'hidden', {get: () => away, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        away,
    )
    if away:
        page.clock.fast_forward(AWAY)


def reach(page: Page, streams: set[Request], count: int) -> None:
    """Wait until there are so many streams, and see that there are no more of them a moment later."""
    for _ in range(100):
        if len(streams) == count:
            break
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    assert len(streams) == count, [each.url for each in streams]
