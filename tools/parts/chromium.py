"""The Chromium of this machine, driven by Playwright."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from .errors import PartMissing
from .packages import program, require

_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_STILL: Final = Path(__file__).with_name("still_network.py")
"""Tests make networks and remove them, and the browser would break off what it loads just then."""


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run the browser until the end.

    Raises:
        PartMissing: it is not here, and this is no machine on which we may install it.
    """
    words = shlex.join([sys.executable, "-I", str(_STILL), _executable()])
    with tempfile.TemporaryDirectory(prefix="r2d-") as folder, sync_playwright() as playwright:
        start = Path(folder) / "browser"
        start.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        start.chmod(0o700)
        browser = playwright.chromium.launch(executable_path=start, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@cache
def _executable() -> str:
    """Find the browser that never has a window: a page costs it half of what it costs the whole one."""
    try:
        require("chromium-headless-shell")
    except PartMissing:
        if whole := program("chromium"):
            return whole
        raise
    return str(program("chromium-headless-shell"))
