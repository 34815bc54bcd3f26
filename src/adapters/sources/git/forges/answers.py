"""Conditional requests to the API of a forge, and what its refusals mean."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.adapters.sources.git.failures import wait_of
from repo2docker_service.adapters.sources.git.forges.kinds import Read, Told
from repo2docker_service.adapters.sources.git.http import Answer, GitHttp
from repo2docker_service.domain.errors import InvalidInput

_MOST_BYTES: Final = 1 << 18
_REMEMBERED: Final = 2048
"""Answers that need not be sent again while they hold."""
_WHILE_LIMITED: Final = 60.0
"""Seconds for which an API is left alone that does not say for how long it wants to be."""
_WHILE_BROKEN: Final = 30.0
_HEADERS: Final = {"Accept": "application/json"}


class ApiResting(Exception):
    """The API is not to be asked for some time; the text says why."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class ApiUnhelpful(Exception):
    """This one answer is of no use."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Asks, and remembers answers with their ``ETag`` (RFC 9110, 8.8.3): each is asked for again at every use.

    A server that has nothing new says so (304), which GitHub does not count where a token was sent.
    """

    http: GitHttp
    _known: OrderedDict[str, tuple[str, Told]] = field(default_factory=OrderedDict)

    def recall(self, url: str) -> Told | None:
        """Give what was told the last time, which need not hold any more."""
        return self._known[url][1] if url in self._known else None

    async def ask(self, url: str, read: Read, token: str, *, private_allowed: bool) -> Told | None:
        """Give what is told at an address now, or None where there is nothing.

        Raises:
            ApiResting: nothing is to be asked there for some time.
            ApiUnhelpful: the answer is none that can be used.
        """
        etag, told = self._known.get(url, ("", None))
        headers = _HEADERS | _token(token) | ({"If-None-Match": etag} if etag else {})
        answer = await self.http.get(url, headers, _MOST_BYTES, private_allowed=private_allowed)
        if answer.status == 304 and told is not None:
            self._known.move_to_end(url)
            return told
        if answer.status == 404:
            return None
        _require_success(answer)
        told = _read(answer, read)
        self._remember(url, answer.headers, told)
        return told

    def _remember(self, url: str, headers: Mapping[str, str], told: Told) -> None:
        self._known.pop(url, None)
        if etag := headers.get("etag", ""):
            self._known[url] = (etag, told)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _read(answer: Answer, read: Read) -> Told:
    try:
        return read(json.loads(answer.body))
    except (InvalidInput, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ApiUnhelpful from error


def _require_success(answer: Answer) -> None:
    limited = answer.status == 429 or answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status in (403, 429) and (limited or "retry-after" in answer.headers):
        wait = wait_of(answer.headers) or _WHILE_LIMITED
        raise ApiResting("it has had too many requests", wait)
    if answer.status == 401:
        raise ApiResting("it refuses the token", _WHILE_BROKEN)
    if answer.status >= 500:
        raise ApiResting(f"it failed with status {answer.status}", _WHILE_BROKEN)
    if answer.status != 200 or not answer.whole:
        # Redirects among them: to follow one could show the token to somebody else.
        raise ApiUnhelpful
