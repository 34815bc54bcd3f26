"""Takes all pictures of the page anew: ``python -m tools.screenshots [folder]``."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tools.parts.chromium import running_chromium

from .aging import age
from .camera import HIGHEST, take
from .hub import Hub, filled_hub
from .pictures import PICTURES, Picture, show

_FOLDER: Final = Path(__file__).parents[2] / "docs" / "images"
_MOST_BYTES: Final = 100_000
_MOST_TOGETHER: Final = 1_500_000


def run(folder: Path) -> int:
    """Take them, and say how large they are."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="r2d-") as place,
        filled_hub(Path(place)) as hub,
        running_chromium() as browser,
    ):
        files = [file for picture in PICTURES for file in _taken(browser, hub, picture, now, folder)]
    for each in {*_FOLDER.glob("*.webp")} - {*files} if folder == _FOLDER else ():  # elsewhere others may have theirs
        each.unlink()
    sizes = {file: file.stat().st_size for file in files}
    print(f"screenshots: {len(files)} in {folder}, {sum(sizes.values()) // 1000} kB")
    too_large = [file.name for file, size in sizes.items() if size > _MOST_BYTES]
    if too_large or sum(sizes.values()) > _MOST_TOGETHER:
        print(f"screenshots: too large: {', '.join(too_large) or 'all together'}")
        return 1
    return 0


def _taken(browser: Browser, hub: Hub, picture: Picture, now: datetime, folder: Path) -> list[Path]:
    context = browser.new_context(viewport={"width": picture.width, "height": HIGHEST}, locale="en-GB")
    try:
        page = context.new_page()
        age(page, now)
        page.goto(f"{hub.service.url}#token={picture.who}-token")
        page.get_by_text(f"Signed in as {picture.who}").wait_for()
        show(page, picture, hub)
        return take(page, folder, picture.name)
    finally:
        context.close()


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]) if len(sys.argv) > 1 else _FOLDER))
