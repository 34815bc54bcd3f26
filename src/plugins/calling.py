"""Calls plugins while the service runs, each by itself and never on the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeVar

from repo2docker_service.domain.errors import BuildVetoed, PluginUnavailable
from repo2docker_service.domain.extending import check_config, check_labels
from repo2docker_service.domain.models import BuildPlan
from repo2docker_service.plugins.loading import PATIENCE
from repo2docker_service.plugins.offers import Hook

log = logging.getLogger(__name__)

_MOST_UNANSWERED: Final = 8
"""Calls of one plugin that may be under way at once: one that hangs must not take thread after thread."""
_LONGEST: Final = 300
"""Characters of what is told of a plugin."""


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
    _unanswered: Counter[str] = field(default_factory=Counter)

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
        try:
            if self._unanswered[name] >= _MOST_UNANSWERED:
                raise PluginFailed(f"{_MOST_UNANSWERED} calls of it have not come back.")  # noqa: TRY301 - told as all else
            async with asyncio.timeout(self.patience):
                answer = await asyncio.wrap_future(self._in_thread(name, self.hooks[name][hook], arguments))
            # As one plugin is called at a time, there is one answer at most.
            result = check(answer[0]) if answer else None
        except TimeoutError:
            self.note(name, hook, f"It did not come back for {self.patience:g} seconds.")
        except Exception as error:  # a foreign program can raise anything
            log.debug("The plugin %s went wrong in %s:", name, hook, exc_info=error)
            self.note(name, hook, f"{type(error).__name__}: {error}")
        else:
            self.troubles.pop(name, None)
            return result
        raise PluginFailed(name)

    def _in_thread(self, name: str, hook: Hook, arguments: Mapping[str, object]) -> Future[Sequence[object]]:
        future: Future[Sequence[object]] = Future()
        self._unanswered[name] += 1

        def work() -> None:
            try:
                answer = hook(**arguments)
            except BaseException as error:  # noqa: BLE001 - as above
                _settle(future, partial(future.set_exception, error))
            else:
                _settle(future, partial(future.set_result, answer))
            self._unanswered[name] -= 1

        # Not one of a pool: when the process stops nobody waits for it.
        threading.Thread(target=work, name=f"plugin {name}", daemon=True).start()
        return future

    def note(self, name: str, hook: str, problem: str) -> None:
        """Remember what is wrong with a plugin, and say so in the log."""
        problem = f"{hook}: {problem}"[:_LONGEST]
        if self.troubles.get(name) != problem:
            log.warning("The plugin %s went wrong: %s", name, problem)
        self.troubles[name] = problem


def _sentence(reason: object) -> str:
    if not isinstance(reason, str):
        raise TypeError(f"A reason is a sentence, not {reason!r:.200}.")
    return " ".join(reason.split())[:_LONGEST]


def _settle(future: Future[Sequence[object]], how: Callable[[], None]) -> None:
    """Answer a call, unless nobody waits for it any more."""
    if future.set_running_or_notify_cancel():
        how()
