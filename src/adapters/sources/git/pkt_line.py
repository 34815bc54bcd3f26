"""pkt-lines: how git frames what it says over a connection. See gitprotocol-common(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

LONGEST: Final = 65520
"""Bytes of the longest packet, its length field included."""

_LENGTH: Final = re.compile(rb"[0-9A-Fa-f]{4}")


class Marker(Enum):
    """A packet that only separates others; its value is its length field."""

    FLUSH = 0
    DELIMITER = 1
    END = 2


Packet = bytes | Marker


class NotGit(Exception):
    """What came is not what a git server says."""


class RemoteError(Exception):
    """The git server itself says what is wrong."""


def encode(packet: bytes | Marker) -> bytes:
    """Frame one packet.

    Raises:
        ValueError: it is too long.
    """
    if isinstance(packet, Marker):
        return b"%04x" % packet.value
    if len(packet) > LONGEST - 4:
        raise ValueError("This is too long for a packet.")
    return b"%04x%b" % (len(packet) + 4, packet)


def decode(data: bytes, *, whole: bool = True) -> Iterator[Packet]:
    """Give the packets in order, without the newline that may end each.

    Args:
        data: what the server sent.
        whole: False when it was cut off by us: then an incomplete packet ends it quietly.

    Raises:
        NotGit: a length is none, or the data ends within a packet.
        RemoteError: the server sent an error.
    """
    position = 0
    while position < len(data):
        size = _size(data, position)
        end = position + max(size or 4, 4)
        if size is None or end > len(data):
            if whole:
                raise NotGit("the data ends within a packet")
            return
        yield Marker(size) if size < 4 else _content(data[position + 4 : end])
        position = end


def _size(data: bytes, position: int) -> int | None:
    """Give the length field at a position, or None when the data ends within it."""
    if position + 4 > len(data):
        return None
    # int() alone would accept signs, spaces and underscores.
    if not _LENGTH.match(data, position):
        raise NotGit("a packet has no length")
    size = int(data[position : position + 4], 16)
    if size == 3 or size > LONGEST:
        raise NotGit(f"no packet has the length {size}")
    return size


def _content(line: bytes) -> bytes:
    if line.startswith(b"ERR "):
        raise RemoteError(readable(line[4:]))
    return line.removesuffix(b"\n")


def readable(raw: bytes, most: int = 200) -> str:
    """Give foreign text as one short line of characters that can be seen."""
    # No character takes more than four bytes.
    text = " ".join(raw[: 4 * most].decode(errors="replace").split())
    return "".join(character for character in text if character.isprintable())[:most]
