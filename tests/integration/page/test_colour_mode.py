"""Light or dark: as the hub's pages, before anything is seen, in a real browser."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page, Route, expect
from tests.integration.page.visitor import Visit

HUB_KEY: Final = "jupyterhub-bs-theme"
KEPT: Final = "([key, value]) => localStorage.getItem(key) === value"
"""Whether it is so: other windows hear of it a moment later."""
WORN: Final = """() => [
    document.documentElement.classList.contains('dark'), getComputedStyle(document.documentElement).colorScheme
]"""
LIGHT: Final = [False, "light"]
DARK: Final = [True, "dark"]


def background(page: Page) -> int:
    """Give how light the page is behind all."""
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return int(colour.removeprefix("rgb(").partition(",")[0])


def test_what_was_chosen_at_the_hub_is_worn_before_anything_is_seen(visit: Visit) -> None:
    ada = visit(color_scheme="dark")
    ada.page.evaluate(f"localStorage.setItem('{HUB_KEY}', 'light')")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ada.page.route("**/static/main.*.js", hold)  # without which there is nothing to be seen
    ada.page.goto(ada.prefix, wait_until="commit")
    # A function: under the policy of the page, words are not understood a second time.
    ada.page.wait_for_function("() => document.readyState === 'interactive'")

    assert ada.page.evaluate(WORN) == LIGHT
    for each in held:
        each.continue_()

    ada.sees("Signed in as ada")
    assert ada.page.evaluate(WORN) == LIGHT
    assert background(ada.page) > 200
    expect(ada.page.get_by_label("Colours")).to_have_value("light")


def test_without_a_choice_the_systems_is_worn_and_followed(visit: Visit) -> None:
    ada = visit(color_scheme="dark")
    assert ada.page.evaluate(WORN) == DARK
    assert background(ada.page) < 60

    ada.page.emulate_media(color_scheme="light")

    expect(ada.page.locator("html")).not_to_have_class("dark")
    assert ada.page.evaluate(WORN) == LIGHT


def test_a_choice_is_written_down_for_the_hub_and_one_made_there_is_followed(visit: Visit) -> None:
    ada = visit(color_scheme="light")
    hub = ada.page.context.new_page()
    hub.goto(f"{ada.prefix}help")
    ada.page.get_by_label("Colours").select_option("Dark")
    hub.wait_for_function(KEPT, arg=[HUB_KEY, "dark"])
    expect(hub.locator("html")).to_have_class("dark")

    hub.evaluate(f"localStorage.setItem('{HUB_KEY}', 'light')")

    expect(ada.page.locator("html")).not_to_have_class("dark")
    expect(ada.page.get_by_label("Colours")).to_have_value("light")
    ada.page.get_by_label("Colours").select_option("System")
    hub.wait_for_function(KEPT, arg=[HUB_KEY, None])
