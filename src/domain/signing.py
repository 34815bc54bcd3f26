"""Marks that only this installation can make."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Signer:
    """Keys shared by the replicas of one installation: the first signs, all verify."""

    keys: Sequence[bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or not all(len(key) >= 16 for key in self.keys):
            raise ValueError("A signer needs keys of at least 16 bytes.")

    def sign(self, purpose: str, text: str) -> str:
        """Give 64 hexadecimal digits that stand for the text, for one purpose only."""
        return _mark(self.keys[0], purpose, text)

    def derive(self, purpose: str) -> Sequence[bytes]:
        """Give 32 bytes for each key, for one purpose only: for ciphers, which take keys of their own."""
        return [hmac.digest(key, f"derive:{purpose}".encode(), "sha256") for key in self.keys]

    def verify(self, purpose: str, text: str, mark: str) -> bool:
        """Whether the mark was made by any of the keys."""
        given = mark.encode("utf-8", "replace")
        return any(hmac.compare_digest(_mark(key, purpose, text).encode(), given) for key in self.keys)


def _mark(key: bytes, purpose: str, text: str) -> str:
    # The length keeps "ab"+"c" and "a"+"bc" apart.
    # Labels of foreign images may hold any character, lone surrogates too.
    message = f"{len(purpose)}:{purpose}:{text}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()
