"""The page's files as browsers get them: below any prefix, as small as can be, and renewed when there are new ones."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.integration.page.conftest import PREFIX, SETTINGS, configuration
from tests.integration.page.gallery import rows
from tests.integration.page.visitor import Visit, Visitor
from tools.service import RunningService, running_service

Built = Callable[..., dict[str, Any]]
ADMINISTRATOR: Final = {"rita-token": {"name": "rita", "scopes": ["admin", "builds:create!user", "images:read"]}}
TELLS_OF_VIOLATIONS: Final = """
    addEventListener('securitypolicyviolation', each => tell(`${each.effectiveDirective} ${each.blockedURI}`));
"""
HELP: Final = re.compile(r"/static/help\.")
KEYS: Final = re.compile(r"/static/keys\.")
LOST: Final = "A part of the page could not be loaded"


@pytest.fixture(scope="module", params=[PREFIX, "/"], ids=["below-a-prefix", "at-the-root"])
def pretending(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Run a service that has an administrator, where it may be."""
    tokens = {**SETTINGS["InMemoryAuthorizer"]["tokens"], **ADMINISTRATOR}
    settings = f"{configuration(base_url=request.param)}\nc.InMemoryAuthorizer.tokens = {tokens!r}"
    with running_service(tmp_path_factory.mktemp("serving"), settings) as service:
        yield service


def told_violations(page: Page) -> list[str]:
    """Give a list to which all is added that the browser refuses of the pages opened from now on."""
    told = list[str]()
    page.expose_function("tell", lambda what: told.append(what))  # noqa: PLW0108 - it takes no method of a list
    page.add_init_script(TELLS_OF_VIOLATIONS)
    return told


def library(service: RunningService) -> str:
    """Give the address of the largest script."""
    [path] = re.findall(r'src="(static/libraries\.[^"]+)"', httpx.get(service.url).text)
    return f"{service.url}{path}"


def received(address: str, accepted: str) -> tuple[httpx.Headers, bytes]:
    """Give a file as it is sent to a client that accepts these codings."""
    with httpx.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
        return answer.headers, b"".join(answer.iter_raw())


def test_a_script_is_sent_as_small_as_a_client_takes_it(pretending: RunningService) -> None:
    address = library(pretending)
    _, plain = received(address, "identity")
    _, packed = received(address, "gzip")
    headers, smallest = received(address, "gzip, deflate, br, zstd")

    assert gzip.decompress(packed) == plain
    assert len(smallest) < len(packed) < len(plain) / 3
    assert received(address, "br;q=0, gzip")[1] == packed
    assert headers["Content-Encoding"] == "br"
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Vary"] == "Accept-Encoding"
    assert httpx.get(f"{address}.br").status_code == httpx.codes.NOT_FOUND


def test_a_deep_address_gives_the_document_and_what_is_not_there_does_not(pretending: RunningService) -> None:
    document = httpx.get(f"{pretending.url}builds/anything")

    assert document.headers["Cache-Control"] == "no-store"
    assert f'<base href="{httpx.URL(pretending.url).path}">' in document.text
    for path in ("static/main.js", "api/v1/nothing", "api", "favicon.ico"):
        answer = httpx.get(f"{pretending.url}{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_every_page_asks_this_service_only_and_nothing_is_refused_or_complained_of(
    visit: Visit, built: Built, api: httpx.Client, pretending: RunningService
) -> None:
    build = built("walked", "main")
    image = api.get("images", params={"name": build["image"]}).json()["items"][0]["id"]
    rita = visit("rita")
    refused, said = told_violations(rita.page), list[str]()
    rita.page.on("console", lambda each: said.append(each.text) if each.type in ("error", "warning") else None)

    walk(
        rita, {f"builds/{build['id']}": "ready", f"images/{image}": "Pull by digest", f"launch?image={image}": "Start"}
    )

    assert [each.url for each in rita.requests if not each.url.startswith(pretending.url)] == []
    assert (refused, said) == ([], [])
    assert {each.response().header_value("content-encoding") for each in scripts(rita, "libraries")} == {"br"}


def walk(somebody: Visitor, places: dict[str, str]) -> None:
    """Look at every page, and open what opens on them."""
    for place, seen in {
        **places,
        "builds?whose=all": "o/walked",
        "servers": "My servers",
        "help": "Keyboard",
        "admin": "People and groups",
        "no/such/page": "There is no such page",
    }.items():
        somebody.open(place)
        somebody.sees(seen)
        expect(somebody.page.locator("h1:visible")).to_have_count(1)
        assert is_styled(somebody.page)
    opens_a_combobox(somebody)
    opens_a_menu_and_dialogs(somebody)


def opens_a_combobox(somebody: Visitor) -> None:
    somebody.open("new?repo=https://github.com/o/choice")
    somebody.sees("Found github.com/o/choice")
    somebody.page.get_by_role("button", name="Show branches and tags").click()
    expect(somebody.page.get_by_role("option", name="old")).to_be_visible()


def opens_a_menu_and_dialogs(somebody: Visitor) -> None:
    page = somebody.page
    somebody.open()
    for entry in ("Share…", "Delete…"):
        rows(page).first.get_by_role("button", name="More for").click()
        page.get_by_role("menuitem", name=entry).click()
        dialog = page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def is_styled(page: Page) -> bool:
    """Whether the page looks as it should: the line below its head is one of the theme's."""
    width: str = page.evaluate("getComputedStyle(document.querySelector('header')).borderBottomWidth")
    return width == "1px"


def scripts(somebody: Visitor, name: str) -> list[Any]:
    return [each for each in somebody.requests if f"/static/{name}." in each.url]


def test_the_browser_would_tell_of_what_is_refused(chromium: Browser, pretending: RunningService) -> None:
    with chromium.new_page() as page:
        told = told_violations(page)
        page.goto(pretending.url)
        page.evaluate(
            "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {top: 0}'}))"
        )
        page.evaluate("fetch('https://example.org/').catch(() => undefined)")
        page.evaluate("tell('the last one')")

    assert [each.split()[0] for each in told] == ["style-src-elem", "connect-src", "the"]


def test_a_page_that_does_not_come_leaves_a_sentence_and_not_nothing(
    chromium: Browser, pretending: RunningService
) -> None:
    with chromium.new_page() as page:
        page.route(re.compile(r"/static/main\."), gone)
        page.goto(pretending.url)

        expect(page.get_by_text("The page could not be loaded.")).to_be_visible()


def test_a_list_of_keys_that_does_not_come_leaves_the_page_as_it_is(visit: Visit) -> None:
    ada = visit()
    ada.page.route(KEYS, gone)
    ada.press("Keyboard shortcuts")

    ada.sees(LOST)
    expect(ada.page.locator("h1:visible")).to_have_text("Environments")


def documents(somebody: Visitor) -> int:
    """Count how often a page was loaded."""
    return len([each for each in somebody.requests if each.resource_type == "document"])


def gone(route: Route) -> None:
    route.fulfill(status=404)


def renewed(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("static/main.", "static/main.of-tomorrow-"))


def test_a_part_that_a_new_page_does_not_have_leads_to_that_page(visit: Visit) -> None:
    ada = visit()
    before = documents(ada)
    ada.page.route(HELP, gone, times=1)
    ada.page.route(ada.prefix, renewed)
    ada.page.get_by_role("link", name="Help").click()

    expect(ada.page.get_by_role("heading", level=1)).to_have_text("Help")
    assert documents(ada) - before == 1
    ada.page.unroute_all(behavior="wait")


@pytest.mark.parametrize("is_another", [False, True], ids=["of-the-same-page", "of-a-page-that-is-always-another"])
def test_a_part_that_stays_missing_is_told_and_nothing_goes_round(visit: Visit, is_another: bool) -> None:
    ada = visit()
    before = documents(ada)
    ada.page.route(HELP, gone)
    if is_another:
        ada.page.route(ada.prefix, renewed)
        with ada.page.expect_event("load"):
            ada.page.get_by_role("link", name="Help").click()
    else:
        ada.page.get_by_role("link", name="Help").click()
    ada.sees(LOST)

    with ada.page.expect_response(ada.prefix), ada.page.expect_event("load"):
        ada.press("Load again")
    ada.sees(LOST)

    assert documents(ada) - before == is_another + 1
    ada.page.unroute_all(behavior="wait")
