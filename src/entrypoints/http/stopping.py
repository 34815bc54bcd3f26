"""Notices that the process is asked to stop before the server waits for open answers to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any, Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Ends streams that would otherwise keep a server from stopping until its own patience ends."""

    def __init__(self) -> None:
        self.begun = False
        self._streams: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """End every stream, and those that begin from now on."""
        self.begun = True
        for stream in self._streams:
            stream.cancel()

    @contextlib.contextmanager
    def cancelling(self, stream: asyncio.Task[None]) -> Iterator[None]:
        """Cancel this stream when the process is asked to stop while the context is open."""
        if self.begun:
            stream.cancel()
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Begin at the signals that stop a server, which go on to whoever handled them before.

        Servers call the application only when all answers have ended, so it has to look for itself.
        """
        if threading.current_thread() is not threading.main_thread():
            yield  # signals come to the main thread only; a server elsewhere is stopped by its program
            return
        loop = asyncio.get_running_loop()
        before: dict[int, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

        def handle(number: int, frame: Any) -> None:  # noqa: ANN401 - what Python gives
            loop.call_soon_threadsafe(self.begin)
            if callable(before[number]):
                before[number](number, frame)

        taken = [number for number in _SIGNALS if callable(before[number])]
        for number in taken:
            signal.signal(number, handle)
        try:
            yield
        finally:
            for number in taken:
                if signal.getsignal(number) is handle:
                    signal.signal(number, before[number])
