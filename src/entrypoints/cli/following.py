"""Follows a build to its end, over as many connections as that takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from repo2docker_service.entrypoints.cli.client import Client
from repo2docker_service.entrypoints.cli.event_stream import Event
from repo2docker_service.entrypoints.cli.problems import NotNow, Unreachable

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0


@dataclass
class Follower:
    """Gives each line of a build's log once, whatever happens to the connection."""

    client: Client
    build: str
    notice: Callable[[str], None]
    """Told when the connection broke."""
    patience: float = 120
    """Seconds without any event after which a service that does not answer is given up."""
    _last_id: str = ""
    _next_line: int = 1

    def events(self) -> Iterator[Event]:
        """Give the events up to ``end``.

        Raises:
            Unreachable: the service did not come back.
            CommandFailed: the service refuses to show this log.
        """
        pause, heard = _FIRST_PAUSE, time.monotonic()
        while True:
            try:
                for event in self.client.follow(self.build, self._last_id):
                    pause, heard = _FIRST_PAUSE, time.monotonic()
                    if event.name == "reconnect":
                        break
                    yield from self._unseen(event)
                    if event.name == "end":
                        return
                lost = Unreachable("The service ended the connection before the build did.")
            except Unreachable as error:
                lost = error
            except ValueError as error:  # an event cut short may not be JSON
                lost = Unreachable(str(error))
            self._wait(lost, pause, heard)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _wait(self, lost: Unreachable, pause: float, heard: float) -> None:
        first = pause == _FIRST_PAUSE
        if isinstance(lost, NotNow):
            pause = max(pause, lost.seconds)
        if time.monotonic() + pause - heard > self.patience:
            raise Unreachable(
                f"{lost} The build may go on without us. Follow it with: repo2docker-service log {self.build} --follow"
            )
        if first:
            again = f"The connection was lost; trying again after line {self._next_line - 1}."
            self.notice(f"{lost} Waiting for that; Ctrl-C ends." if isinstance(lost, NotNow) else again)
        time.sleep(pause)

    def _unseen(self, event: Event) -> Iterator[Event]:
        self._last_id = event.id or self._last_id
        if event.name != "log":
            yield event
            return
        first, lines = int(event.data["first"]), list(event.data["lines"])
        new = lines[max(0, self._next_line - first) :]
        if new:
            self._next_line = first + len(lines)
            yield replace(event, data={"first": self._next_line - len(new), "lines": new})
