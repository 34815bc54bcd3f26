"""The command that has outdated images built again.

It keeps the service to a few at a time by asking again and again, and holds nothing that a new call would not find.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.output import doubt, emit, note, say, show_rebuilds
from repo2docker_service.entrypoints.cli.problems import ExitCode, NotFound, Unreachable
from repo2docker_service.entrypoints.cli.reports import ENDS, outcome

_FIRST_PAUSE: Final = 0.5
"""Seconds between two questions, after something has happened; twice as many after nothing has."""
_LONGEST_PAUSE: Final = 5.0
_PATIENCE: Final = 120.0
"""Seconds for which a service that does not answer, or has too little space for a build, is asked again."""
_MOST: Final = "200"


def rebuild(client: Client, options: Namespace) -> int:
    """Build outdated images again, or only say which ones that would be."""
    if options.dry_run:
        return _preview(client, as_json=options.json)
    # By the service's own clock: what fails from now on is not tried again.
    before = client.get("admin", "rebuilds", limit="1")["as_of"] if options.retry_failed else None
    rounds = Rounds(client, {} if before is None else {"failed_before": before}, as_json=options.json)
    if not options.follow:
        answer = rounds.next()
        note(f"{_counts(answer)} Ask again for the next ones, or add --follow.")
        doubt(answer)
        return ExitCode.DONE
    try:
        answer = rounds.to_the_end()
    except KeyboardInterrupt:
        raise KeyboardInterrupt("What is being built goes on. The same command goes on with the others.") from None
    note(f"Built again: {rounds.succeeded}. Failed: {rounds.failed}. Skipped: {answer['skipped']}; --dry-run says why.")
    doubt(answer)
    return ExitCode.BUILD_FAILED if rounds.failed else ExitCode.DONE


@dataclass
class Rounds:
    """Asks for the next ones, and tells of what was begun until it has ended."""

    client: Client
    wish: Json
    as_json: bool
    succeeded: int = 0
    failed: int = 0
    _running: dict[str, None] = field(default_factory=dict)

    def next(self) -> Json:
        """Have as many begun as may be, and tell of them."""
        answer = self.client.post("admin", "rebuilds", body=self.wish)
        # All of them first: the service may go away while it is asked about one.
        self._running.update(dict.fromkeys(answer["begun"]))
        for build_id in answer["begun"]:
            build = self.client.get("builds", build_id)
            if self.as_json:
                emit({"event": "begun", **build})
            else:
                note(f"build {build_id}: {build.get('repo')} at {build.get('commit')}")
        return answer

    def to_the_end(self) -> Json:
        """Go on until none waits and none is under way, over restarts of the service and while it makes room.

        Raises:
            Unreachable: the service does not come back, or makes no room.
            CommandFailed: it refuses.
        """
        heard, pause = time.monotonic(), _FIRST_PAUSE
        while True:
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                answer = self.next()
                if self._tell_ends() or answer["begun"]:
                    pause = _FIRST_PAUSE
                heard = time.monotonic()
                if not (answer["waiting"] or answer["under_way"] or self._running):
                    return answer
            except Unreachable:
                if time.monotonic() - heard > _PATIENCE:
                    raise
            time.sleep(pause)

    def _tell_ends(self) -> bool:
        """Whether there were any."""
        ended = list(self._ended())
        for build in ended:
            del self._running[build["id"]]
            if build["state"] == "succeeded":
                self.succeeded += 1
            else:
                self.failed += 1
            if self.as_json:
                emit({"event": "end", **build})
            else:
                say(outcome(build))
        return bool(ended)

    def _ended(self) -> Iterator[Json]:
        for build_id in tuple(self._running):
            try:
                build = self.client.get("builds", build_id)
            except NotFound:
                del self._running[build_id]
                note(f"build {build_id} is not on record any more")
                continue
            if build["state"] in ENDS:
                yield build


def _preview(client: Client, *, as_json: bool) -> int:
    answer = client.get("admin", "rebuilds", limit=_MOST)
    found = answer["items"]
    if as_json:
        for each in found:
            emit(each)
        return ExitCode.DONE
    show_rebuilds(found)
    doubt(answer)
    if found:
        more = answer["under_way"] + answer["waiting"] + answer["skipped"] - len(found)
        note(f"{_counts(answer)}{f' {more} of them are not shown.' if more else ''} Nothing was begun.")
    return ExitCode.DONE


def _counts(answer: Json) -> str:
    under_way, waiting, skipped = (answer[name] for name in ("under_way", "waiting", "skipped"))
    return f"Under way: {under_way}. Waiting: {waiting}. Skipped: {skipped}."
