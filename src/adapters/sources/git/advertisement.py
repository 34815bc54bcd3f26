"""The first answer of a git server, in either version of the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from repo2docker_service.adapters.sources.git.pkt_line import Marker, NotGit, Packet, decode
from repo2docker_service.adapters.sources.git.refs import OtherHash, RefList, listed_by_v0

_SERVICE: Final = b"# service=git-upload-pack"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a server can do; one without protocol v2 lists its refs at once."""

    capabilities: Mapping[str, str] = field(default_factory=dict)
    refs: RefList | None = None
    """None when the server speaks protocol v2 and wants to be asked."""


def read_advertisement(data: bytes, *, whole: bool = True) -> Advertisement:
    """Read the answer to ``GET info/refs?service=git-upload-pack``.

    Raises:
        NotGit: it is none, or it ends early.
        RemoteError: the server says what is wrong.
        OtherHash: the repository's commits have SHA-256 ids.
    """
    packets = decode(data, whole=whole)
    first = next(packets, Marker.FLUSH)
    if first == _SERVICE:
        if next(packets, None) is not Marker.FLUSH:
            raise NotGit("the service line stands alone")
        first = next(packets, Marker.FLUSH)
    if first == b"version 2":
        found = Advertisement(dict(_capability(line) for line in _until_flush(packets, whole=True)))
    else:
        found = _v0(first, packets, whole=whole)
    if found.capabilities.get("object-format", "sha1") != "sha1":
        raise OtherHash
    return found


def _v0(first: Packet, packets: Iterator[Packet], *, whole: bool) -> Advertisement:
    if first is Marker.FLUSH:
        # Some servers say no more than this of an empty repository.
        return Advertisement(refs=RefList())
    if isinstance(first, Marker) or b"\0" not in first:
        raise NotGit("there are no capabilities")
    line, _, words = first.partition(b"\0")
    pairs = [_capability(word) for word in words.split()]
    capabilities = dict(pairs)
    if capabilities.get("object-format", "sha1") != "sha1":
        raise OtherHash
    targets = dict(value.split(":", 1) for name, value in pairs if name == "symref" and ":" in value)
    lines = chain([line], _until_flush(packets, whole=whole))
    wanted = (each for each in lines if not each.startswith(b"shallow "))
    return Advertisement(capabilities, RefList(tuple(listed_by_v0(wanted, targets.get("HEAD", ""))), whole=whole))


def _until_flush(packets: Iterator[Packet], *, whole: bool) -> Iterator[bytes]:
    for packet in packets:
        if packet is Marker.FLUSH:
            return
        if isinstance(packet, Marker):
            raise NotGit("a separator stands where none is allowed")
        yield packet
    if whole:
        raise NotGit("the answer ends early")


def _capability(word: bytes) -> tuple[str, str]:
    name, _, value = word.decode(errors="surrogateescape").partition("=")
    return name, value
