"""Refs as git servers list them, and which of them a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.adapters.sources.git.pkt_line import Marker, NotGit, Packet

BRANCHES: Final = "refs/heads/"
TAGS: Final = "refs/tags/"
_COMMIT: Final = re.compile(rb"[0-9a-f]{40}")
_OTHER_HASH: Final = re.compile(rb"[0-9a-f]{64}")
_PEELED: Final = b"^{}"


class OtherHash(Exception):
    """The repository names its commits by SHA-256, which repo2docker cannot build."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A name and the commit it stands for; a tag's own object is never seen."""

    name: str
    commit: str
    target: str = ""
    """What a symbolic ref points to."""


@dataclass(frozen=True, slots=True)
class RefList:
    """Refs in the server's order."""

    refs: Sequence[Ref] = field(default_factory=tuple)
    whole: bool = True
    """False when there are more than were read."""

    def first_of(self, names: Iterable[str]) -> Ref | None:
        """Give the ref of the first of these names that there is; names are compared for equality."""
        found = {ref.name: ref for ref in self.refs}
        return next((found[name] for name in names if name in found), None)


def candidates(ref: str) -> Sequence[str]:
    """Give the full names that people may mean by a ref, the likeliest first."""
    if ref == "HEAD" or ref.startswith("refs/"):
        return (ref,)
    return (BRANCHES + ref, TAGS + ref)


def listed_by_v2(packets: Iterator[Packet], *, whole: bool) -> RefList:
    """Read the answer to ``ls-refs``.

    Raises:
        NotGit: it is none, or it ends early.
    """
    refs: list[Ref] = []
    for packet in packets:
        if packet is Marker.FLUSH:
            return RefList(tuple(refs))
        if isinstance(packet, Marker):
            raise NotGit("a separator stands among the refs")
        refs.append(_v2_ref(packet))
    if whole:
        raise NotGit("the list of refs ends early")
    return RefList(tuple(refs), whole=False)


def _v2_ref(line: bytes) -> Ref:
    identifier, _, rest = line.partition(b" ")
    name, *attributes = rest.split(b" ")
    if not name:
        raise NotGit("a line has no name")
    peeled, target = identifier, b""
    for attribute in attributes:
        key, _, value = attribute.partition(b":")
        if key == b"peeled":
            peeled = value
        elif key == b"symref-target":
            target = value
    return Ref(_text(name), _commit(peeled), _text(target))


def listed_by_v0(lines: Iterable[bytes], head: str) -> Iterator[Ref]:
    """Read the refs of an advertisement, where a tag's commit follows it in a line of its own.

    Args:
        lines: each an id and a name.
        head: what ``HEAD`` points to, if the server says so.

    Raises:
        NotGit: a line is something else.
    """
    waiting: Ref | None = None
    for line in lines:
        identifier, _, name = line.partition(b" ")
        if not name:
            raise NotGit("a line has no name")
        if name.endswith(_PEELED):
            # The commit of the tag before; of an empty repository such a line names only capabilities.
            if waiting and _text(name.removesuffix(_PEELED)) == waiting.name:
                waiting = Ref(waiting.name, _commit(identifier))
            continue
        if waiting:
            yield waiting
        waiting = Ref(_text(name), _commit(identifier), head if name == b"HEAD" else "")
    if waiting:
        yield waiting


def _commit(identifier: bytes) -> str:
    if _COMMIT.fullmatch(identifier):
        return identifier.decode()
    if _OTHER_HASH.fullmatch(identifier):
        raise OtherHash
    raise NotGit("an id is none")


def _text(name: bytes) -> str:
    # Undecodable bytes become characters that no checked input holds, so such names match nothing.
    return name.decode(errors="surrogateescape")
