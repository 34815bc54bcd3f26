"""Names of branches and tags for people: to choose from, or what they may have meant."""

from __future__ import annotations

import difflib
import heapq
import re
from collections.abc import Iterable, Sequence
from typing import Final

from repo2docker_service.adapters.sources.git.refs import BRANCHES, TAGS, Ref, RefList
from repo2docker_service.domain.errors import RefNotFound
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import NamedRef, RefKind

# Comparing takes up to cubic time in the length of the names, which strangers choose.
LONGEST: Final = 100
_MOST_COMPARED: Final = 50
_MOST_NEAR: Final = 5
_SHORT_HASH: Final = re.compile(r"[0-9a-fA-F]{7,39}")


def near_names(wanted: str, names: Iterable[str]) -> Sequence[str]:
    """Give the names that are most like the wanted one, those that end in it as a whole part first."""
    if len(wanted) > LONGEST:
        return ()
    short = [name for name in names if len(name) <= LONGEST and name.isprintable()]
    tails = [name for name in short if name.endswith(f"/{wanted}")]
    likely = heapq.nlargest(_MOST_COMPARED, short, key=lambda name: _overlap(wanted, name))
    close = difflib.get_close_matches(wanted, likely, n=_MOST_NEAR, cutoff=0.5)
    return tuple(dict.fromkeys([*tails, *close]))[:_MOST_NEAR]


def _overlap(one: str, other: str) -> int:
    start = _shared(one, other)
    return start + _shared(one[start:][::-1], other[start:][::-1])


def _shared(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def named_refs(listed: RefList) -> Sequence[NamedRef]:
    """Give branches, the default one first, and tags, by the names that people write."""
    head = listed.first_of(["HEAD"])
    default = [Ref(head.target, head.commit)] if head else []
    found: dict[str, NamedRef] = {}
    for folder, kind in ((BRANCHES, RefKind.BRANCH), (TAGS, RefKind.TAG)):
        for ref in (*default, *listed.refs):
            name = ref.name.removeprefix(folder)
            # A strange server could hide text in a name that people are shown.
            if ref.name.startswith(folder) and name and name.isprintable():
                found.setdefault(name, NamedRef(name, kind, ref.commit))
    return tuple(found.values())


def ref_not_found(source: Source, listed: RefList | None) -> RefNotFound:
    """Say that a repository lacks a ref, and what it has instead.

    Args:
        source: what was looked for.
        listed: what there is, if that is known.
    """
    if listed is not None and listed.whole and not listed.refs:
        return RefNotFound("ref", f"The repository {source.address} is empty: it has no commit yet.")
    names = [each.name for each in named_refs(listed or RefList())]
    if source.ref == "HEAD":
        problem = f"The repository {source.address} has no default branch. Give the name of a branch or tag."
        return RefNotFound("ref", problem, names[:_MOST_NEAR])
    problem = f"There is no branch or tag called '{source.ref}' in {source.address}."
    if _SHORT_HASH.fullmatch(source.ref):
        problem += " If it is a commit, give all 40 characters of it."
    return RefNotFound("ref", problem, near_names(source.ref, names))
