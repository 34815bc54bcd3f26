"""Which part of a registry's list of repositories is wanted, and how to ask for no more than that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from repo2docker_service.adapters.registries.v2.protocol.references import REPOSITORY

PAGE: Final = "n=1000"
"""Some registries give pages of a hundred when not asked for more, and all that refuse a thousand say so."""


def queries(prefix: str) -> Sequence[str]:
    """Give the queries to try, the best one first, until a registry does not call one a bad request.

    A list can begin where the names below the prefix do. Some registries want a name that exists for this, and some
    have their own idea of how long a page may be.
    """
    if not prefix:
        return (f"?{PAGE}", "")
    last = f"last={quote(f'{prefix}/', safe='')}"
    return (f"?{PAGE}&{last}", f"?{last}", f"?{PAGE}", "")


def names_below(prefix: str, names: Sequence[str]) -> list[str]:
    """Give the repositories that are called like the prefix or lie below it, in order."""
    wanted = {name for name in names if not prefix or name == prefix or name.startswith(f"{prefix}/")}
    return sorted(name for name in wanted if REPOSITORY.fullmatch(name))


def beyond(prefix: str) -> Callable[[Sequence[str]], bool]:
    """Make a function that tells of a page whether the pages after it hold nothing below the prefix."""
    end = f"{prefix}/"

    def is_beyond(page: Sequence[str]) -> bool:
        # Registries sort with the slash before all other characters or in its place among them. Both have names that
        # are greater than the end after all wanted ones; from a page without any order nothing follows.
        ordered = list(page) in (sorted(page), sorted(page, key=_slash_first))
        return bool(prefix and page) and ordered and page[-1][: len(end)] > end

    return is_beyond


def _slash_first(name: str) -> str:
    return name.replace("/", "\0")
