"""Remembers for a short time who holds which token."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from repo2docker_service.domain.errors import AuthorizerUnavailable, Forbidden, Unauthenticated
from repo2docker_service.domain.models import Identity

MOST: Final = 10_000
STRANGERS: Final = 4
"""Less than half of the connections to the hub."""

_Question = asyncio.Task[Identity]


class Identities:
    """Asks once for all who want to know the same at a time, and remembers identities only: no failure, no token.

    Args:
        ask: says who holds a token.
        seconds: how long an identity is good for reading, counted from when the question was asked.
        most: how many are remembered; those that were not needed for the longest time go first.
        strangers: how many tokens are asked about at once that nobody is remembered for. Anybody can send such, in any
            number, and whoever is known must not wait for them.
        patience: seconds for which such a token waits for its turn.
        clock: counts seconds.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Identity]],
        *,
        seconds: float,
        most: int = MOST,
        strangers: int = STRANGERS,
        patience: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._most = most
        self._patience = patience
        self._clock = clock
        self._turns = asyncio.Semaphore(strangers)
        self._known: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        # Of each token at most two: one that is on its way, and one that waits for it and will be asked after.
        self._questions: dict[bytes, tuple[_Question, ...]] = {}

    async def get(self, token: str, *, fresh: bool = False) -> Identity:
        """Say who holds the token.

        Args:
            token: whatever somebody sent.
            fresh: go by nothing that the hub said, or may have decided, before this call.

        Raises:
            AuthorizerUnavailable: too many that nobody is remembered for are asked about.
            Exception: what ``ask`` raises.
        """
        key = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if not fresh and (identity := self._recall(key)):
            return identity
        question = self._question(key, token, fresh=fresh)
        # Whoever gives up waiting must not stop the others.
        await asyncio.wait([question])
        return question.result()

    async def close(self) -> None:
        """Stop asking, and forget all."""
        questions = [each for of_one in self._questions.values() for each in of_one]
        for question in questions:
            question.cancel()
        await asyncio.gather(*questions, return_exceptions=True)
        self._questions.clear()
        self._known.clear()

    def _recall(self, key: bytes) -> Identity | None:
        identity, asked_at = self._known.get(key, (None, 0.0))
        if identity is None or self._clock() - asked_at >= self._seconds:
            return None
        self._known.move_to_end(key)
        return identity

    def _question(self, key: bytes, token: str, *, fresh: bool) -> _Question:
        asked = self._questions.get(key, ())
        if asked and (not fresh or len(asked) > 1):
            return asked[-1] if fresh else asked[0]
        question = asyncio.create_task(self._find_out(key, token, *asked))
        question.add_done_callback(_look_at)
        self._questions[key] = (*asked, question)
        return question

    async def _find_out(self, key: bytes, token: str, *before: _Question) -> Identity:
        try:
            if before:
                await asyncio.wait(before)
            async with self._turn(key):
                asked_at = self._clock()
                identity = await self._ask(token)
            self._remember(key, identity, asked_at)
        except (Unauthenticated, Forbidden):
            self._known.pop(key, None)
            raise
        else:
            return identity
        finally:
            self._finish(key)

    @asynccontextmanager
    async def _turn(self, key: bytes) -> AsyncIterator[None]:
        if key in self._known:
            yield
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise AuthorizerUnavailable("hub", "it is asked about too many unknown tokens") from None
        try:
            yield
        finally:
            self._turns.release()

    def _remember(self, key: bytes, identity: Identity, asked_at: float) -> None:
        self._known[key] = (identity, asked_at)
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _finish(self, key: bytes) -> None:
        left = tuple(each for each in self._questions.get(key, ()) if each is not asyncio.current_task())
        if left:
            self._questions[key] = left
        else:
            self._questions.pop(key, None)


def _look_at(question: _Question) -> None:
    # Perhaps nobody waits for it any more; its error is then no mishap that asyncio should tell.
    if not question.cancelled():
        question.exception()
