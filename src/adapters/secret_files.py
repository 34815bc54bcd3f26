"""Files that hold secrets: they are small, change while the service runs, and are never quoted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_LARGEST: Final = 1 << 20


class UnreadableSecret(Exception):
    """The file holds no secret that can be used; the text says why, as what follows on its name."""


def read_secret(path: Path) -> str:
    """Give the text of a file without the ends of its last line; to be called in a thread.

    Raises:
        UnreadableSecret: the file cannot be read, or says nothing.
    """
    try:
        secret = read_small(path).decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = "it is no UTF-8 text" if isinstance(error, UnicodeError) else reason_of(error)
        raise UnreadableSecret(f"cannot be read: {reason}") from None
    if not secret:
        raise UnreadableSecret("is empty")
    return secret


def read_small(path: Path) -> bytes:
    """Give what a file holds; to be called in a thread.

    Raises:
        OSError, ValueError: it cannot be read, or is larger than 1 MiB.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("it is too large")
    return content


def reason_of(error: OSError | ValueError) -> str:
    """Say why a file cannot be read, without its name."""
    return str(error.strerror) if isinstance(error, OSError) else str(error)
