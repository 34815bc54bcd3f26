"""Whether the parts that the service stands on answer, and what an administrator should change about them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from repo2docker_service.domain.archive.archiving import Archiver
from repo2docker_service.domain.capabilities import Checkable, Warns
from repo2docker_service.domain.errors import BuildNotFound, ServiceError
from repo2docker_service.domain.ports import Authorizer, ImageBuilder, Registry, ServerLauncher

log = logging.getLogger(__name__)

PARTS: Final = ("builder", "registry", "authorizer", "launcher", "archive")
PLUGINS: Final = "plugins"
_NO_BUILD: Final = "0" * 32


@dataclass(frozen=True)
class Part:
    """How one part answered."""

    ok: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Caution:
    """Something about a part that works as it is, and would be safer otherwise."""

    part: str
    """One of :data:`PARTS`, or :data:`PLUGINS`."""
    message: str
    """A sentence or two: what is the matter, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Health:
    """How all parts are, from one look at them."""

    parts: Mapping[str, Part]
    cautions: Sequence[Caution]
    """What an administrator should change. That is for nobody else: it tells what is weak.

    A part that does not answer warns of nothing.
    """
    plugins: Sequence[str] = ()
    """The names of plugins that should be used and cannot be."""


@dataclass
class Readiness:
    """Asks each part, at most once in a while, and once for all who ask at the same time."""

    builder: ImageBuilder
    registry: Registry
    authorizer: Authorizer
    launcher: ServerLauncher
    prefix: str
    """What names of images begin with: a registry is asked for nothing else."""
    broken_plugins: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with plugins that should be used and cannot be."""
    bound: float = 5.0
    """Seconds after which a part counts as silent."""
    keep: float = 15.0
    """Seconds for which an answer holds while all is well."""
    keep_trouble: float = 1.0
    """Seconds for which it holds while something is not: who waits for the end of an outage shall not wait longer."""
    clock: Callable[[], float] = time.monotonic
    archive: Archiver | None = None
    _known: Health = Health({}, ())
    _known_until: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> Health:
        """Say how each part is, and what an administrator should change."""
        async with self._lock:
            if self.clock() >= self._known_until:
                parts, cautions = await asyncio.gather(self._ask(), self._ask_for_cautions())
                self._known = Health(parts, cautions, tuple(self.broken_plugins))
                well = all(part.ok for part in parts.values())
                self._known_until = self.clock() + (self.keep if well else self.keep_trouble)
            return self._known

    async def tell_cautions(self) -> None:
        """Write what an administrator should change to the log, each once."""
        for caution in (await self.look()).cautions:
            log.warning("%s: %s", caution.part, caution.message)

    async def _ask(self) -> Mapping[str, Part]:
        asks: dict[str, Callable[[], Awaitable[None]]] = {"builder": self._ask_builder, "registry": self._ask_registry}
        if isinstance(self.authorizer, Checkable):
            asks["authorizer"] = self.authorizer.check
        parts = await asyncio.gather(*(self._time(name, ask) for name, ask in asks.items()))
        return dict(zip(asks, parts, strict=True))

    async def _ask_for_cautions(self) -> Sequence[Caution]:
        told = await asyncio.gather(*(self._cautions_of(getattr(self, name)) for name in PARTS))
        broken = [Caution(PLUGINS, f"{name} cannot be used. {why}") for name, why in self.broken_plugins.items()]
        of_parts = [Caution(name, each) for name, sentences in zip(PARTS, told, strict=True) for each in sentences]
        return [*of_parts, *broken]

    async def _cautions_of(self, part: object) -> Sequence[str]:
        if isinstance(part, Warns):
            try:
                async with asyncio.timeout(self.bound):
                    return await part.warnings()
            except (ServiceError, TimeoutError):
                pass  # that it does not answer is told already
            except Exception:
                log.exception("%s could not say what should be changed", type(part).__name__)
        return ()

    async def _ask_builder(self) -> None:
        # To ask for one build that cannot be costs the same however many there are.
        with contextlib.suppress(BuildNotFound):
            await self.builder.get(_NO_BUILD)

    async def _ask_registry(self) -> None:
        await self.registry.find(self.registry.destination(f"{self.prefix}/health", "none").image)

    async def _time(self, name: str, ask: Callable[[], Awaitable[None]]) -> Part:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.bound):
                await ask()
        except (ServiceError, TimeoutError) as error:
            log.warning("the %s is not ready: %r", name, error)
            return Part(ok=False, seconds=time.monotonic() - began)
        except Exception:
            # What an adapter did not foresee is its part's trouble, not that of all the others.
            log.exception("the %s is not ready", name)
            return Part(ok=False, seconds=time.monotonic() - began)
        return Part(ok=True, seconds=time.monotonic() - began)
