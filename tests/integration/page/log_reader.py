"""Somebody who reads the log of a build."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from tests.integration.browser import PATIENCE


@dataclass(frozen=True)
class LogReader:
    """What is to be seen of a log."""

    page: Page

    @property
    def region(self) -> Locator:
        """What scrolls."""
        return self.page.get_by_role("region", name="Log of the build")

    @property
    def lines(self) -> Locator:
        """The lines that are in the document."""
        return self.region.locator(".line .text")

    def line(self, number: int) -> Locator:
        """Give one line, whether it is in the document or not."""
        return self.region.locator(f'.line:has([data-number="{number}"])')

    def head(self, words: str) -> Locator:
        """Give the head of a section."""
        return self.region.get_by_role("button", name=re.compile(re.escape(words)))

    def press(self, keys: str) -> None:
        """Press a key, wherever the focus is."""
        self.page.keyboard.press(keys)

    def numbers(self) -> list[int]:
        """Give the numbers of the lines in the document, as they are shown."""
        found: list[int] = self.region.evaluate(
            "box => [...box.querySelectorAll('.number')].map(each => Number(each.dataset.number))"
        )
        return found

    def comes_to(self, number: int) -> None:
        """Wait until that line or a later one is shown."""
        self.page.wait_for_function(
            "number => [...document.querySelectorAll('.number')].some(each => each.dataset.number >= number)",
            arg=number,
            timeout=PATIENCE,
        )

    def top(self) -> float:
        """Give how far it is scrolled, in pixels, as soon as it rests."""
        top: float = self.region.evaluate(
            """async box => {
                for (let before = NaN; before !== box.scrollTop; await new Promise(requestAnimationFrame)) {
                    before = box.scrollTop;
                    await new Promise(requestAnimationFrame);
                }
                return box.scrollTop;
            }"""
        )
        return top

    def is_in_view(self, line: Locator) -> None:
        """Wait until a line is where it can be seen."""
        expect(line).to_be_visible()
        expect(line).to_be_in_viewport()
