"""Somebody who looks at the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from playwright.sync_api import ConsoleMessage, Page, Request
from tests.integration.browser import PATIENCE

_KEPT: Final = """() => [
  location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage),
  JSON.stringify(history.state),
  ...Array.from(document.querySelectorAll("input"), (field) => field.value),
].join("\\n")"""


@dataclass
class Visitor:
    """Somebody with the page open, and what the browser asked for meanwhile."""

    page: Page
    prefix: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Begin to take down what the browser asks for, and what it complains of."""
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def open(self, place: str = "") -> None:
        """Open an address of the page."""
        self.page.goto(f"{self.prefix}{place}")

    def launch(self, **wanted: str) -> None:
        """Open a launch address as a link would."""
        query = str(httpx.QueryParams(wanted))
        self.open(f"launch?{query}")

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str) -> None:
        """Wait until the text is there."""
        self.page.get_by_text(text).first.wait_for(timeout=PATIENCE)

    def sees_button(self, name: str) -> bool:
        """Whether there is such a button now."""
        return self.page.get_by_role("button", name=name, exact=True).is_visible()

    def keeps(self) -> str:
        """Give all of which the page now keeps something."""
        kept: str = self.page.evaluate(_KEPT)
        return kept

    def sent(self, path: str) -> list[dict[str, Any]]:
        """Give the bodies that were posted to a part of the API."""
        posted = [each for each in self.requests if each.method == "POST" and each.url.endswith(f"api/v1/{path}")]
        return [json.loads(each.post_data or "{}") for each in posted]

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def _hear(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.complaints.append(said.text)


Visit = Callable[..., Visitor]
