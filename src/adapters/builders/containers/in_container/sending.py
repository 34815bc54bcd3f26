"""Sends an image to its registry: again while the registry is away, and not when it refuses."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any, Protocol

from . import codes
from .guard import CANCEL, STOP, code_of
from .layers import Layers

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds between two tries."""
LOOK_EVERY = 0.02
"""Seconds between two looks whether a push has ended."""
SILENCES, SHORTEST_SILENCE = 5, 60.0
"""Times the patience, and seconds, for which a registry that took the connection may say nothing at all. It may have a
large layer to put away, and the engine says nothing while it waits for that."""
FOR_THE_MANIFEST = 10.0
"""Seconds that are waited for a manifest that is on its way when somebody cancels: it may have arrived."""
# Words of the registry, or of the engine about it, after which the same push fails again.
FINAL_WORDS = (
    "unauthorized",
    "denied",
    "authentication required",
    "no basic auth credentials",
    "insufficient_scope",
    "x509",
    "certificate",
    "server gave http response to https client",
    "manifest invalid",
    "name invalid",
    "name unknown",
    "tag invalid",
    "does not exist locally",
    "no such image",
    "invalid reference",
    "unsupported",
    "quota",
    "too large",
)


class Sender(Protocol):
    """What sends images."""

    name: str
    """What people know it by."""
    talks: bool
    """Whether it tells how far it is while it sends."""

    def push(self, repository: str, tag: str, authorization: str) -> Iterator[dict[str, Any]]:
        """Send an image and give what an engine says of it, as it comes."""


class Sending:
    """One image on its way."""

    def __init__(self, sender: Sender, plan: dict[str, Any], authorization: str) -> None:
        self.sender = sender
        self.plan = plan
        self.authorization = authorization
        self.digest = ""
        self.problem = ""
        """Why the last try failed, in the words of the engine or the registry."""
        self.outcome = "The push failed"
        """What that means."""

    def run(self) -> int:
        """Push until the image is there, the registry refuses, or time is up; give the exit code."""
        deadline = time.monotonic() + self.plan["push_timeout"]
        pause, away_since = FIRST_PAUSE, 0.0
        while True:
            began = time.monotonic()
            attempt = Attempt(self.sender, self.plan, self.authorization)
            code = attempt.run(deadline)
            self.digest, self.problem = attempt.digest, attempt.problem
            self.outcome = attempt.outcome
            if code != codes.PUSH_FAILED or attempt.refused:
                return code
            # The engine itself tries each layer again for a while: that time counts.
            away_since = away_since or began
            if attempt.advanced:
                pause, away_since = FIRST_PAUSE, time.monotonic()
            if time.monotonic() + pause > min(away_since + self.plan["push_patience"], deadline):
                return code
            print(f"The push failed: {self.problem}. Trying again in {pause:g} seconds.", flush=True)
            received = signal.sigtimedwait({CANCEL, STOP}, pause)
            if received is not None:
                return code_of(received.si_signo)
            pause = min(pause * 2, LONGEST_PAUSE)


class Attempt:
    """One push of the engine, read in a thread so that signals and the time limit are seen."""

    def __init__(self, sender: Sender, plan: dict[str, Any], authorization: str) -> None:
        self._name = sender.name
        self.messages = sender.push(plan["repository"], plan["tag"], authorization)
        self.layers = Layers()
        self.digest = ""
        self.problem = f"{sender.name} ended the push without a word"
        self.advanced = False
        """Whether a layer arrived that was not there before."""
        self._told = False
        silence = max(SILENCES * plan["push_patience"], SHORTEST_SILENCE)
        self._silence = silence if sender.talks else plan["push_timeout"]
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._read, daemon=True)

    @property
    def refused(self) -> bool:
        """Whether the same push would be refused again."""
        # Without addresses and names, which may hold any word.
        said = " ".join(word for word in self.problem.lower().split() if "/" not in word)
        return any(word in said for word in FINAL_WORDS)

    @property
    def outcome(self) -> str:
        """What a push that failed means: of the registry only where the engine had an answer of it, or none in time."""
        if not self._told:
            return "The push failed"
        return "The registry refused the image" if self.refused else "The registry stayed away"

    def run(self, deadline: float) -> int:
        """Push, and give the exit code; when this process ends, the engine stops pushing."""
        self._thread.start()
        while self._thread.is_alive():
            received = signal.sigtimedwait({CANCEL, STOP}, LOOK_EVERY)
            if received is not None:
                return self._stopped(code_of(received.si_signo))
            if time.monotonic() > deadline:
                self.problem = "it took longer than this service allows"
                return codes.TIMED_OUT
            if time.monotonic() > self._heard + self._silence:
                # Longer than the patience: nobody tries again beside this one, which ends with the process.
                self.problem = f"the registry has said nothing for {self._silence:g} seconds"
                return codes.PUSH_FAILED
        return codes.OK if self.digest else codes.PUSH_FAILED

    def _stopped(self, code: int) -> int:
        if self.layers.complete:
            self._thread.join(FOR_THE_MANIFEST)
        return codes.OK if self.digest else code

    def _read(self) -> None:
        try:
            for message in self.messages:
                self._take(message)
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            self.problem = f"{self._name} could not do it: {error}"

    def _take(self, message: dict[str, Any]) -> None:
        self._heard = time.monotonic()
        self.layers.take(message)
        self.advanced = self.advanced or message.get("status") == "Pushed"
        if "error" in message:
            self.problem, self._told = str(message["error"]).strip().rstrip("."), True
        self.digest = (message.get("aux") or {}).get("Digest", self.digest)
