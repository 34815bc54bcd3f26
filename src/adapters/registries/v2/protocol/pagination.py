"""Lists that come page by page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final
from urllib.parse import urljoin

from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.transport.documents import read_object, sequence
from repo2docker_service.adapters.registries.v2.transport.http import Answer
from repo2docker_service.adapters.registries.v2.transport.origins import Origin

LONGEST_PAGE: Final = 1 << 20
_MOST_PAGES: Final = 1000
_MOST_USELESS: Final = 10
_MOST_ROOM: Final = 64 << 20
"""Bytes that the names of a list may take, roughly: half a million of usual ones."""
_ROOM_OF_A_NAME: Final = 100
"""Bytes that a name takes besides its letters."""
_LINK: Final = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&*+.^`|~-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)')
_NEXT: Final = re.compile(r'(?:^|;)\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;]|$))', re.IGNORECASE)


def never(_: Sequence[str]) -> bool:
    """Want every page."""
    return False


async def all_names(
    base: str,
    path: str,
    ask: Callable[[str], Awaitable[Answer]],
    key: str,
    enough: Callable[[Sequence[str]], bool] = never,
) -> list[str]:
    """Give the names on all pages of a list.

    Args:
        base: the registry's address.
        path: that of the first page.
        ask: gives the answer for the path of a page.
        key: what the list is called in the answer.
        enough: tells of a page whether no further one is wanted.

    Raises:
        BadAnswer: a page is none, the next one is elsewhere, or there is no end to them.
        RegistryError: a page was not given.
    """
    asked: set[str] = set()
    # A dictionary keeps the order.
    known: dict[str, None] = {}
    useless = room = 0
    while True:
        asked.add(path)
        answer = await ask(path)
        names = _names(answer, key)
        useless = 0 if set(names) - known.keys() else useless + 1
        room += sum(len(name) + _ROOM_OF_A_NAME for name in names if name not in known)
        known.update(dict.fromkeys(names))
        following = next_path(base, path, answer.headers.get_list("Link"))
        if following is None or enough(names):
            return list(known)
        path = following
        if path in asked or useless > _MOST_USELESS or len(asked) >= _MOST_PAGES or room > _MOST_ROOM:
            raise BadAnswer("its list has no end")


def next_path(base: str, path: str, links: Sequence[str]) -> str | None:
    """Give the path of the page that follows, if one does.

    Args:
        base: the registry's address.
        path: that of the page at hand.
        links: the ``Link`` headers of its answer.

    Raises:
        BadAnswer: it is not at this registry.
    """
    target = next(_targets(links), None)
    if target is None:
        return None
    url = ""
    try:
        url = urljoin(base + path, target)
        same = Origin.of(url) == Origin.of(base)
    except ValueError:
        same = False
    rest = url.partition("://")[2]
    following = rest[rest.find("/") :]
    if not same or not following.startswith("/v2/") or _climbs(following):
        raise BadAnswer("the next page of its list is not at this registry")
    return following


def _names(answer: Answer, key: str) -> Sequence[str]:
    values = sequence(read_object(answer.body, "the list").get(key))
    return [value for value in values if isinstance(value, str)]


def _targets(links: Sequence[str]) -> Iterator[str]:
    for link in links:
        for match in _LINK.finditer(link):
            if _NEXT.search(match[2]):
                yield match[1]


def _climbs(path: str) -> bool:
    parts = path.partition("?")[0].lower().replace("%2e", ".").split("/")
    return "." in parts or ".." in parts
