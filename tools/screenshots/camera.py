"""Takes a picture of a page as it is, in both themes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

HIGHEST: Final = 960
"""Pixels; what is below is cut off."""
STILL: Final = "Promise.all(document.getAnimations().map(each => each.finished.catch(() => undefined)))"
"""Waits until nothing moves any more."""
_QUALITY: Final = 80
_BOTTOM: Final = "document.querySelector('[role=dialog], [role=alertdialog]') ? 1e4 : document.body.scrollHeight"


def take(page: Page, folder: Path, name: str) -> list[Path]:
    """Write ``name-light.webp`` and ``name-dark.webp``."""
    return [_take(page, folder / f"{name}-{theme}.webp", theme) for theme in ("light", "dark")]


def _take(page: Page, file: Path, theme: str) -> Path:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.wait_for_function("dark => document.documentElement.classList.contains('dark') === dark", arg=theme == "dark")
    page.evaluate(STILL)
    view = page.viewport_size or {"width": 0, "height": 0}
    height = min(HIGHEST, int(page.evaluate(_BOTTOM)), view["height"])
    clip = {"x": 0, "y": 0, "width": view["width"], "height": height, "scale": 1}
    wanted = {"format": "webp", "quality": _QUALITY, "clip": clip}
    told = page.context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
    file.write_bytes(base64.b64decode(told["data"]))
    return file
