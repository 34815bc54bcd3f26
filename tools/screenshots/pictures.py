"""Which pictures there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page

from . import repositories as repos
from .hub import Hub

WIDE: Final = 1280
NARROW: Final = 390


@dataclass(frozen=True)
class Picture:
    """One page, as somebody sees it."""

    name: str
    address: Callable[[Hub], str]
    seen: str
    """Words that are there as soon as all is."""
    who: str = "ada"
    press: str = ""
    """The button that opens what is shown."""
    width: int = WIDE


def _build(repo: str) -> Callable[[Hub], str]:
    return lambda hub: f"builds/{hub.builds[repo]}"


def _image(repo: str) -> Callable[[Hub], str]:
    return lambda hub: f"images/{hub.images[repo]}"


def _at(address: str) -> Callable[[Hub], str]:
    return lambda _: address


PICTURES: Final = (
    Picture("environments", _at(""), "9 environments"),
    Picture("environments-narrow", _at(""), "9 environments", width=NARROW),
    Picture("new-build", _at(f"new?repo={repos.NEW}&ref=main"), "Found"),
    Picture("builds", _at("builds?whose=all"), "climate-lab/sea-ice"),
    Picture("build-running", _build(repos.ICE), "Installing collected packages"),
    Picture("build-failed", _build(repos.TYPO), "No matching distribution"),
    Picture("environment", _image(repos.TEACHING), "Pull by digest"),
    Picture("share", _image(repos.TEACHING), "reStructuredText", press="Share"),
    Picture("launch", lambda hub: f"launch?image={hub.images[repos.TEACHING]}", "Size of the server"),
    Picture("servers", _at("servers"), "Running"),
    Picture("administration", _at("admin"), "People and groups", who="rita"),
)


def show(page: Page, picture: Picture, hub: Hub) -> None:
    """Bring the page to where the picture is taken."""
    page.goto(f"{hub.service.url}{picture.address(hub)}")
    if picture.press:
        page.get_by_role("button", name=picture.press).first.click()
    page.get_by_text(picture.seen).filter(visible=True).first.wait_for()
    page.evaluate("document.activeElement?.blur()")
