"""Delivers what BuildKit has built: what is seen in it becomes a label, and BuildKit sends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from .buildkit_image import BuildkitImage
from .guard import Ended, wait_or_end
from .looking import FOUND, MISSING, NO, PATIENCE, UNKNOWN, YES

LOOK_EVERY = 0.05
"""Seconds between two looks whether it has been seen."""


def verdict(plan: Mapping[str, Any], image: BuildkitImage, patience: float = PATIENCE) -> dict[str, str]:
    """Give the label that says whether a hub can start an image, and tell it; none where that is not known.

    Args:
        plan: what the pusher does.
        image: the one to look into.
        patience: seconds that may be spent on it.

    Raises:
        Ended: a signal has come meanwhile.
    """
    seen: list[bool] = []
    problems = [f"it took longer than {patience:g} seconds"]

    def look() -> None:
        try:
            seen.append(image.has_program())
        except Exception as error:
            # Whatever is odd about an image, or BuildKit: it was built, and is worth having.
            problems.insert(0, str(error))

    thread, deadline = threading.Thread(target=look, daemon=True), time.monotonic() + patience
    thread.start()
    while thread.is_alive() and time.monotonic() < deadline:
        try:
            wait_or_end(LOOK_EVERY)
        except Ended:
            image.stop()
            raise
    if not seen:
        image.stop()
        print(UNKNOWN.format(problems[0]), flush=True)
        return {}
    print(FOUND if seen[0] else MISSING, flush=True)
    return {plan["launchable_label"]: YES if seen[0] else NO}
