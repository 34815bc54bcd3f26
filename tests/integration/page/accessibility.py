"""What a machine finds against a page (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page
from tools.screenshots.camera import STILL

_SCRIPT: Final = Path(__file__).parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS: Final = ["color-contrast", "link-in-text-block"]
"""The rules that find something else in other colours."""


def violations(page: Page, rules: Sequence[str] = _RULES) -> list[Any]:
    """Give each rule that is broken with the elements that break it, as the page is now, once nothing moves."""
    page.evaluate(STILL)
    if not page.evaluate("'axe' in window"):  # it is large, and stays as long as the document
        page.evaluate(_axe())  # not as an element: the page's policy forbids scripts of others
    found: list[Any] = page.evaluate(
        """async rules =>
            (await axe.run(document, {runOnly: rules, resultTypes: ['violations'], selectors: false})).violations
            .map(({id, nodes}) => [id, ...nodes.map(({html, failureSummary}) => [html, failureSummary])])""",
        rules,
    )
    return found


@cache
def _axe() -> str:
    return _SCRIPT.read_text("utf-8")
