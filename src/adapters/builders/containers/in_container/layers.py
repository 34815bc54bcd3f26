"""How far a push is, from what the engine says of each layer."""

from __future__ import annotations

import time
from typing import Any

TELL_EVERY = 2.0
"""Seconds between two lines about a push that goes on."""
DONE = ("Pushed", "Layer already exists", "Mounted from")
UNKNOWN = (0, 0)


class Layers:
    """Sums up the engine's messages, of which there are many each second."""

    def __init__(self) -> None:
        self.sizes: dict[str, tuple[int, int]] = {}
        self.done: set[str] = set()
        self._told = ""
        self._tell_at = time.monotonic() + TELL_EVERY

    @property
    def complete(self) -> bool:
        """Whether all layers are there, so that only the manifest is left."""
        return bool(self.sizes) and len(self.done) == len(self.sizes)

    def take(self, message: dict[str, Any]) -> None:
        """Take a message of the engine, and tell people from time to time."""
        layer, status = message.get("id"), message.get("status", "")
        if not layer:
            return
        detail = message.get("progressDetail") or {}
        sent, size = self.sizes.get(layer, UNKNOWN)
        self.sizes[layer] = (detail.get("current", sent), detail.get("total", size))
        if status.startswith(DONE):
            self.done.add(layer)
        if self.complete or time.monotonic() >= self._tell_at:
            self._tell()

    def _tell(self) -> None:
        # The engine counts a little more than it announced.
        size = sum(size for _, size in self.sizes.values())
        sent = sum(size if layer in self.done else min(sent, size) for layer, (sent, size) in self.sizes.items())
        line = f"Pushing [{len(self.done)}/{len(self.sizes)}]"
        if size:
            line += f" {sent / 1e6:.1f} of {size / 1e6:.1f} MB"
        self._tell_at = time.monotonic() + TELL_EVERY
        if line != self._told:
            self._told = line
            print(line, flush=True)
