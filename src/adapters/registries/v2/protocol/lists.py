"""Lists of names, asked for in the best way that the registry understands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import Refused
from repo2docker_service.adapters.registries.v2.protocol.pagination import LONGEST_PAGE, all_names, never
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Session

_BAD_REQUEST: Final = 400


class Lists:
    """Reads lists, and remembers which ways of asking for them were in vain."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in_vain: dict[tuple[str, int], int] = {}

    async def names(
        self,
        path: str,
        scope: str,
        key: str,
        queries: Sequence[str],
        enough: Callable[[Sequence[str]], bool] = never,
    ) -> tuple[str, list[str]]:
        """Give the query that was understood, and the names on all pages of its answer.

        Args:
            path: that of the list.
            scope: what must be allowed for it.
            key: what it is called in the answer.
            queries: what to ask, the best first; lists with equally many of them are asked for alike.
            enough: tells of a page whether no further one is wanted.
        """
        kind = key, len(queries)
        for number in range(self._in_vain.get(kind, 0), len(queries)):
            try:
                names = await self._names(path + queries[number], scope, key, enough)
            except Refused as error:
                if error.status != _BAD_REQUEST or number == len(queries) - 1:
                    raise
            else:
                self._in_vain[kind] = number
                return queries[number], names
        raise AssertionError("the last query succeeds or raises")

    async def _names(self, path: str, scope: str, key: str, enough: Callable[[Sequence[str]], bool]) -> list[str]:
        session = self._session
        return await all_names(
            session.base, path, lambda page: session.ask(Call("GET", page, scope, LONGEST_PAGE)), key, enough
        )
