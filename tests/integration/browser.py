"""One browser for files of tests that follow each other, and how long it is waited for."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from playwright.sync_api import Browser
from tools.parts.chromium import running_chromium

PATIENCE: Final = 20_000
"""Milliseconds to wait for what is to be seen."""


class Chromium:
    """Starts a browser when it is wanted; while it runs, no other event loop can."""

    def __init__(self) -> None:
        self._running: Browser | None = None
        self._stack = ExitStack()

    def browser(self) -> Browser:
        """Give the browser that runs, or start one."""
        if self._running is None:
            self._running = self._stack.enter_context(running_chromium())
        return self._running

    def end(self) -> None:
        """End it, if it runs."""
        self._running = None
        self._stack.close()


CHROMIUM: Final = Chromium()
