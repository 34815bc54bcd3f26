"""Somebody who uses a page without a mouse, and always wants to see where the focus is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect

_MOST: Final = 120
"""Steps from one thing to any other of a page."""
# The ring may be around what stands for it, as a label does for a hidden field. The browser's own has two pixels.
_FOCUSED: Final = """() => {
    const focused = document.activeElement;
    if (focused === document.body) return null;
    const box = focused.getBoundingClientRect();
    const isHidden = box.width < 8;
    const near = [!isHidden && focused, focused.parentElement, focused.nextElementSibling, focused.labels?.[0]];
    const ring = near
        .filter(Boolean)
        .flatMap(each => [getComputedStyle(each), getComputedStyle(each, '::after')])
        .map(({outlineStyle, outlineWidth}) => ({none: 0, auto: 2})[outlineStyle] ?? parseFloat(outlineWidth));
    const [x, y] = [box.x + Math.min(box.width, innerWidth) / 2, box.y + Math.min(box.height, innerHeight) / 2];
    const top = document.elementFromPoint(x, y);
    const label = focused.labels?.[0];
    return {
        is: `${focused.localName} ${focused.getAttribute('aria-label') ?? focused.textContent.slice(0, 40)}`,
        ring: Math.max(...ring),
        uncovered: top !== null && [focused, label].some(each => each && (each.contains(top) || top.contains(each))),
    };
}"""


@dataclass(frozen=True)
class Keyboard:
    """All that is done here is done by keys."""

    page: Page

    def go_to(self, wanted: Locator) -> None:
        """Go on until the focus is there, and see it at each step."""
        for _ in range(_MOST):
            self.step("Tab")
            if wanted.count() == 1 and wanted.evaluate("each => each === document.activeElement"):
                return
        raise AssertionError(f"No key leads to {wanted}.")

    def step(self, key: str) -> None:
        """Go on by a key, and see where the focus is then."""
        self.press(key)
        seen = self.page.evaluate(_FOCUSED)  # nothing between the end of the page and its beginning
        assert seen is None or (seen["ring"] >= 2 and seen["uncovered"]), seen

    def use(self, wanted: Locator, key: str = "Enter") -> None:
        """Go to something as soon as it is there, and press a key."""
        expect(wanted).to_be_visible()
        self.go_to(wanted)
        self.press(key)

    def use_button(self, name: str) -> None:
        """Press the button of that name."""
        self.use(self.page.get_by_role("button", name=name, exact=True))

    def use_link(self, name: str) -> None:
        """Follow the link of that name."""
        self.use(self.page.get_by_role("link", name=name, exact=True))

    def press(self, key: str) -> None:
        """Press a key, wherever the focus is."""
        self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self.page.keyboard.insert_text(text)
