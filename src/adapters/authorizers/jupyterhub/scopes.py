"""Scopes as a hub writes them: whole names, each perhaps with a filter behind an exclamation mark."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

PREFIX: Final = "custom:repo2docker:"


def ours(held: Iterable[str]) -> frozenset[str]:
    """Give the scopes that are of this service, without their prefix and with their filters as they are."""
    return frozenset(scope.removeprefix(PREFIX) for scope in held if scope.startswith(PREFIX) and scope != PREFIX)


def admits(held: Collection[str], access: Iterable[str]) -> bool:
    """Whether one of the scopes that open this service is held, as it is or without its filter."""
    return any(scope in held or scope.partition("!")[0] in held for scope in access)


def narrowest(access: Collection[str]) -> str:
    """Give the scope that opens this service and as little else as possible: the one to ask for."""
    return max(access, key=lambda scope: ("!" in scope, len(scope), scope))
