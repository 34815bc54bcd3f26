"""Which content coding of an answer a reader likes best."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_QUALITY: Final = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)


def best_coding(accept_encoding: str, offered: Sequence[str]) -> str:
    """Give the coding of those offered that a reader likes best (RFC 9110, section 12.5.3); empty for none at all.

    Of those that are liked equally well the first one is given, and none at all only where that is liked better.
    """
    likes = _likes(accept_encoding)
    # What is named goes before what is meant by all others.
    liked = {coding: likes.get(coding, likes.get("*", 0.0)) for coding in offered}
    best = max(liked, key=liked.__getitem__, default="")
    return best if best and liked[best] > 0 and liked[best] >= likes.get("identity", 0.0) else ""


def _likes(accept_encoding: str) -> dict[str, float]:
    likes: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = part.replace(" ", "").split(";")
        qualities = [float(found[1]) for word in parameters if (found := _QUALITY.fullmatch(word))]
        likes[name.removeprefix("x-")] = min(qualities, default=1.0)
    return likes
