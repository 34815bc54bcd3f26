"""Looks for a secret wherever it might have got to, in each form that HTTP, git and JSON give it."""

from __future__ import annotations

import base64
import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Mark:
    """A word that nothing else holds. Put into each secret, it finds them all."""

    word: str
    """Lower-case letters and digits only, which no quoting changes."""

    def is_in(self, text: bytes) -> bool:
        """Whether a text holds it, perhaps packed."""
        return any(form in each for each in _unpacked(text) for form in self.forms)

    @cached_property
    def forms(self) -> frozenset[bytes]:
        """As it is, and as the middle of anything in base64: of a header with name and password, or of a file."""
        word = self.word.encode()
        return frozenset([word, word.upper(), word.hex().encode(), *(_in_base64(word, place) for place in range(3))])


def _in_base64(word: bytes, before: int) -> bytes:
    """Give the digits that depend on the word alone when so many bytes stand before it."""
    digits = base64.b64encode(bytes(before) + word)
    return digits[-(-before * 8 // 6) : (before + len(word)) * 8 // 6]


def _unpacked(text: bytes) -> Iterator[bytes]:
    yield text
    if text.startswith(GZIP):
        yield gzip.decompress(text)


@dataclass
class Search:
    """Counts the texts that hold a secret, by place, and those with a word that was put there to be found."""

    secret: Mark
    planted: Mark
    leaks: Counter[str] = field(default_factory=Counter)
    plants: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    """How many texts."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, place: str, *texts: bytes) -> None:
        """Look into texts from a place."""
        leaks, plants = (sum(mark.is_in(text) for text in texts) for mark in (self.secret, self.planted))
        with self._lock:
            self.looked[place] += len(texts)
            self.leaks[place] += leaks
            self.plants[place] += plants
