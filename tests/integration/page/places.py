"""Every page and what opens on it, at a hub that is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, Route
from tests.integration.page.gallery import many, pretend_images, select
from tools.screenshots import repositories as repos
from tools.screenshots.hub import Hub

Doing = Callable[[Page], None]


@dataclass(frozen=True)
class Place:
    """Somewhere, and how to know that one is there."""

    name: str
    address: Callable[[Hub], str] | str
    seen: str
    """Words that are there as soon as all is."""
    title: str
    """What the browser's tab says first."""
    who: str = "ada"
    before: Doing | None = None
    doing: Doing | None = None
    """What opens what is looked at."""


def build_of(repo: str, rest: str = "") -> Callable[[Hub], str]:
    """Give where a build is."""
    return lambda hub: f"builds/{hub.builds[repo]}{rest}"


def image_of(repo: str) -> Callable[[Hub], str]:
    """Give where an image is."""
    return lambda hub: f"images/{hub.images[repo]}"


def launch_of(repo: str) -> Callable[[Hub], str]:
    """Give where an image is launched."""
    return lambda hub: f"launch?image={hub.images[repo]}"


def pressing(*names: str) -> Doing:
    """Press one button after the other; what begins with the name is meant too."""

    def press(page: Page) -> None:
        for name in names:
            page.get_by_role("button", name=name).first.click()

    return press


def _deletes(page: Page) -> None:
    select(page, "Chapter 4")
    pressing("Delete…")(page)


def _starts(page: Page) -> None:
    page.route("**/progress", lambda _: None)  # which never comes to an answer
    pressing("Start")(page)


def _replaced(page: Page) -> None:
    """Have somebody put something else in the place of every image that is asked for alone."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "changed_outside": True})

    page.route("**/api/v1/images/*", answer)


def _doubtful(page: Page) -> None:
    images = [{**each, "changed_outside": number == 1} for number, each in enumerate(many(3))]
    pretend_images(page, images, ["localhost/r2d/github.com--owner--with-a-long-name:" + "a" * 40])


def _signs_out(page: Page) -> None:
    page.context.clear_cookies()


def _question(query: str) -> str:
    return f"new?repo={query}"


PLACES: Final = (
    Place("environments", "", "9 environments", "Environments"),
    Place("no environment", "", "No environments yet", "Environments", before=lambda page: pretend_images(page, [])),
    Place("no environment that is looked for", "?q=nothing", "No environment matches", "Environments"),
    Place(
        "environments that were replaced or cannot be read",
        "",
        "with-a-long-name",
        "Environments",
        before=_doubtful,
        doing=lambda page: page.get_by_text("Show names").click(),
    ),
    Place(
        "environments selected",
        "?sort=name",
        "1 selected",
        "Environments",
        doing=lambda page: select(page, "Chapter 4"),
    ),
    Place("a menu", "", "Copy pull command", "Environments", doing=pressing("More for")),
    Place("the dialog that deletes", "?sort=name", "Launching again needs a new build", "Environments", doing=_deletes),
    Place("the dialog of keys", "", "build a new environment", "Environments", doing=pressing("Keyboard shortcuts")),
    Place("environments of a viewer", "", "8 environments", "Environments", who="vera"),
    Place("new build", "new", "Paste the address", "New build"),
    Place("new build, found", _question(f"{repos.NEW}&ref=main"), "Found", "New build"),
    Place("new build, built", _question(repos.OCEAN + "&ref=main"), "This commit is built already", "New build"),
    Place("new build, no such branch", _question(f"{repos.NEW}&ref=mian"), "Did you mean", "New build"),
    Place("new build, private", _question(repos.THESIS), "We could not find", "New build"),
    Place("new build, unreachable", _question(repos.AWAY), "You can try to build it all the same.", "New build"),
    Place("new build, unreadable", _question("doi:10.5281/zenodo.1"), "A DOI cannot be built yet", "New build"),
    Place("new build of a viewer", "new", "Ask an administrator of the hub", "New build", who="vera"),
    Place("builds", "builds?whose=all", "climate-lab/sea-ice", "Builds"),
    Place("no build of a kind", "builds?state=pushing", "No build is of this kind", "Builds"),
    Place("a build that waits", build_of(repos.GENES), "Waiting for a free builder", "◌ bio/gene-trees@main"),
    Place("a build under way", build_of(repos.ICE), "Installing collected packages", "◌ climate-lab/sea-ice@main"),
    Place(
        "a build that failed",
        build_of(repos.TYPO, "#L26"),
        "No matching distribution",
        "✕ climate-lab/river-floods@main",
    ),
    Place("a build that succeeded", build_of(repos.TEACHING), "The environment is ready.", "✓ teaching/data-science"),
    Place("a build that was cancelled", build_of(repos.OLD_MAPS), "This build was cancelled.", "⊘ geo/old-maps"),
    Place("the dialog that cancels", build_of(repos.ICE), "The log stays.", "◌ climate-lab", doing=pressing("Cancel")),
    Place("no such build", "builds/nothing", "There is no such build", "There is no such build"),
    Place("an environment", image_of(repos.TEACHING), "Pull by digest", "teaching/data-science@"),
    Place("an environment of somebody's own", image_of(repos.THESIS), "Chapter 4", "ada/thesis@"),
    Place("an environment with arguments", image_of(repos.CELLS), "Build arguments", "bio/single-cell@"),
    Place(
        "an environment that was replaced",
        image_of(repos.TEACHING),
        "replaced from outside",
        "teaching/data-science@",
        before=_replaced,
    ),
    Place("the dialog that shares", image_of(repos.TEACHING), "reStructuredText", "teaching/", doing=pressing("Share")),
    Place("no such environment", "images/nothing", "There is no such environment", "There is no such environment"),
    Place("launch", launch_of(repos.TEACHING), "Size of the server", "Launch an environment"),
    Place(
        "launch of what has no server", launch_of(repos.SHELL), "There is no notebook server", "Launch an environment"
    ),
    Place(
        "launch of what was replaced",
        launch_of(repos.TEACHING),
        "replaced from outside",
        "Launch an environment",
        before=_replaced,
    ),
    Place("launch of what is not built", f"launch?repo={repos.NEW}", "Nothing is built of", "Launch an environment"),
    Place("a server on its way", launch_of(repos.STARS), "The hub is asked", "Starting your server", doing=_starts),
    Place(
        "a start that fails",
        launch_of(repos.BAYES),
        "No node has room",
        "The server did not start",
        doing=pressing("Start"),
    ),
    Place("servers", "servers", "Running", "My servers"),
    Place("the dialog that stops", "servers", "What runs in it ends", "My servers", doing=pressing("Stop")),
    Place("no servers", "servers", "You have no server now", "My servers", who="grace"),
    Place("help", "help", "Private repositories", "Help"),
    Place(
        "administration",
        "admin",
        "People and groups",
        "Administration",
        who="rita",
        doing=pressing("Show what would go"),
    ),
    Place(
        "the dialog that removes",
        "admin",
        "to confirm",
        "Administration",
        who="rita",
        doing=pressing("Remove all that grace has"),
    ),
    Place("administration for others", "admin", "This page is for administrators", "This page is for administrators"),
    Place("an address of nothing", "nothing/here", "There is no such page", "There is no such page"),
    # The last ones: nobody is signed in any more.
    Place("a session that has ended", build_of(repos.MAPS), "Token", "Sign in", before=_signs_out),
)
