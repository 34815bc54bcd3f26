"""Items that many readers share are turned into bytes once."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

from repo2docker_service.domain.streams.following import Item


@dataclass(frozen=True)
class Rendered:
    """Remembers the bytes of each item for as long as somebody holds the item itself."""

    render: Callable[[Item], bytes]
    _known: dict[int, tuple[weakref.ref[Item], bytes]] = field(default_factory=dict)

    def __call__(self, item: Item) -> bytes:
        """Give the bytes of an item."""
        key = id(item)
        known = self._known.get(key)
        if known is None:
            data = self.render(item)
            self._known[key] = known = (weakref.ref(item, lambda _: self._known.pop(key, None)), data)
        return known[1]
