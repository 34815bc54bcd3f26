"""Calls plugins while the service runs, each by itself and never on the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeVar

from repo2docker_service.domain.errors import BuildVetoed, PluginUnavailable
from repo2docker_service.domain.models import BuildPlan
from repo2docker_service.domain.orders.extending import check_config, check_labels
from repo2docker_service.plugins.loading import LONGEST, PATIENCE
from repo2docker_service.plugins.offers import Hook
from repo2docker_service.plugins.threads import in_thread

log = logging.getLogger(__name__)

_MOST_UNANSWERED: Final = 8
"""Calls of one plugin that may be under way at once: one that hangs must not take thread after thread."""

T = TypeVar("T")


class PluginFailed(Exception):
    """A call of a plugin came to nothing."""


@dataclass
class PluginCalls:
    """What plugins have to say about builds."""

    hooks: Mapping[str, Mapping[str, Hook]] = field(default_factory=dict)
    """By plugin and name of the hook."""
    troubles: MutableMapping[str, str] = field(default_factory=dict)
    """What went wrong in the latest call of a plugin."""
    patience: float = PATIENCE
    """Seconds for one call."""
    _places: defaultdict[str, threading.Semaphore] = field(
        default_factory=lambda: defaultdict(partial(threading.Semaphore, _MOST_UNANSWERED))
    )
    """By plugin, how many calls more may be under way."""

    async def extend(self, plan: BuildPlan) -> BuildPlan:
        """Ask whether a build may be done, and add to its plan what plugins say. Later ones go before earlier ones.

        Raises:
            BuildVetoed: one has something against it.
            PluginUnavailable: one fails, does not answer, or says what cannot be used.
        """
        for reason in await self._ask("veto_build", plan, _sentence):
            raise BuildVetoed(reason)
        labels: dict[str, str] = {}
        for more in await self._ask("image_labels", plan, check_labels):
            labels |= more
        config: dict[str, dict[str, Any]] = {}
        for added in await self._ask("repo2docker_config", plan, check_config):
            for section, traits in added.items():
                config.setdefault(section, {}).update(traits)
        return replace(plan, labels=labels, repo2docker_config=config)

    def with_hook(self, hook: str) -> Sequence[str]:
        """Give the plugins that implement a hook."""
        return [name for name, known in self.hooks.items() if hook in known]

    async def _ask(self, hook: str, plan: BuildPlan, check: Callable[[object], T]) -> Sequence[T]:
        """Give what plugins answer that answer something.

        Raises:
            PluginUnavailable: one does not.
        """
        answers = []
        for name in self.with_hook(hook):
            try:
                answer = await self.call(name, hook, check, plan=plan)
            except PluginFailed:
                raise PluginUnavailable(name) from None
            if answer:
                answers.append(answer)
        return answers

    async def call(self, name: str, hook: str, check: Callable[[object], T], /, **arguments: object) -> T | None:
        """Call one hook of one plugin; nothing where it answers nothing.

        Raises:
            PluginFailed: it raised, took too long, or gave what ``check`` refuses.
        """
        places = self._places[name]
        if not places.acquire(blocking=False):
            raise self._failed(name, hook, f"{_MOST_UNANSWERED} calls of it have not come back.")

        def work() -> T | None:
            try:
                answers = self.hooks[name][hook](**arguments)
                # As one plugin is called at a time, there is one at most.
                return check(answers[0]) if answers else None
            finally:
                places.release()

        answer = asyncio.wrap_future(in_thread(f"plugin {name}", work))
        try:
            # Not awaited itself: what it raises, SystemExit for example, is nothing that happened here.
            await asyncio.wait((answer,), timeout=self.patience)
        finally:
            answer.cancel()
        if answer.cancelled():
            raise self._failed(name, hook, f"It did not come back for {self.patience:g} seconds.")
        if error := answer.exception():
            log.debug("The plugin %s went wrong in %s:", name, hook, exc_info=error)
            raise self._failed(name, hook, f"{type(error).__name__}: {error}")
        self.troubles.pop(name, None)
        return answer.result()

    def _failed(self, name: str, hook: str, problem: str) -> PluginFailed:
        self.note(name, hook, problem)
        return PluginFailed(name)

    def note(self, name: str, hook: str, problem: str) -> None:
        """Remember what is wrong with a plugin, and say so in the log."""
        problem = f"{hook}: {problem}"[:LONGEST]
        if self.troubles.get(name) != problem:
            log.warning("The plugin %s went wrong: %s", name, problem)
        self.troubles[name] = problem


def _sentence(reason: object) -> str:
    if not isinstance(reason, str):
        raise TypeError(f"A reason is a sentence, not {reason!r:.200}.")
    return " ".join(reason.split())[:LONGEST]
