"""Every page, dialog and state in both themes, on a large and on a small screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.integration.page.accessibility import COLOURS, violations
from tests.integration.page.places import PLACES, Place
from tests.integration.page.visitor import Visitor
from tools.screenshots.hub import Hub, filled_hub

LARGE: Final = 1280
SMALL: Final = 320
HIGH: Final = 4000
"""So high that what is fixed to an edge covers nothing half."""
WIDEST: Final = """() => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('[role=region], pre, .lines'))
    .map(each => each.outerHTML.slice(0, 200)).slice(0, 3)"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Run a service that looks used."""
    with filled_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def somebody(chromium: Browser, hub: Hub) -> Iterator[Callable[[str], Visitor]]:
    """Give people who stay signed in from page to page."""
    visitors: dict[str, Visitor] = {}

    def give(who: str) -> Visitor:
        if who not in visitors:
            visitor = visitors[who] = Visitor(chromium.new_context(reduced_motion="reduce").new_page(), hub.service.url)
            visitor.listen()
            visitor.open(f"#token={who}-token")
            visitor.sees(f"Signed in as {who}")
        return visitors[who]

    yield give
    for each in visitors.values():
        each.page.context.close()


@pytest.mark.parametrize("place", PLACES, ids=[each.name.replace(" ", "-") for each in PLACES])
def test_machines_find_nothing_against_a_page_and_it_fits_and_says_where_one_is(
    somebody: Callable[[str], Visitor], hub: Hub, place: Place
) -> None:
    visitor = somebody(place.who)
    page = visitor.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": LARGE, "height": HIGH})
    if place.before:
        place.before(page)
    visitor.open(place.address if isinstance(place.address, str) else place.address(hub))
    if place.doing:
        place.doing(page)
    page.get_by_text(place.seen).filter(visible=True).first.wait_for()
    assert page.title().startswith(place.title)
    expect(page.locator("h1:visible")).to_have_count(1)

    found = [*_in_both_themes(page)]
    page.set_viewport_size({"width": SMALL, "height": HIGH})
    found += _in_both_themes(page)

    page.unroute_all(behavior="ignoreErrors")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL, page.evaluate(WIDEST)
    assert visitor.complaints == []


def test_on_a_phone_the_header_is_one_line_until_its_menu_is_opened(somebody: Callable[[str], Visitor]) -> None:
    page = somebody("rita").page
    page.set_viewport_size({"width": SMALL, "height": 700})
    somebody("rita").open("admin")
    header = page.get_by_role("banner")
    builds = header.get_by_role("link", name="Builds", exact=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Administration")
    assert header.evaluate("each => each.offsetHeight") < 50
    expect(builds).to_be_hidden()
    header.get_by_role("button", name="Menu").click()
    expect(header.get_by_role("link", name="Log out")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL

    builds.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Builds")
    expect(builds).to_be_hidden()


def _in_both_themes(page: Page) -> Iterator[object]:
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark")
    yield from violations(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_class("dark")
    yield from violations(page, COLOURS)
