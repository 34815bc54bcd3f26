"""A live picture of the installation's containers: one list, then every change that the engine tells of.

It can be thrown away at any time. After each break of the engine's stream, and now and then besides, the list is read
again: the engine keeps only its last 256 events, and says nothing of those that were lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.containers.cards import INSTANCE, pusher_name
from repo2docker_service.adapters.builders.docker.states import Container, Work, pair
from repo2docker_service.adapters.builders.docker.store import ContainerStore, Listed
from repo2docker_service.adapters.engine.connection import EngineConnection
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build

_EVENTS: Final = ["create", "start", "die", "rename", "destroy"]
_RECONNECT: Final = 0.5
"""Seconds between tries to reach an engine that is gone."""
_LIST_SOON: Final = 2.0
"""Seconds after which the list is read again: the engine answers a moment before it really listens for us."""
_MOST_NAMES: Final = 5
_LIST_AGAIN: Final = 30.0
"""Seconds between lists while the stream holds."""


@dataclass
class LiveView:
    """Knows each build's containers as they last were."""

    engine: EngineConnection
    store: ContainerStore
    installation: Installation
    log: logging.Logger
    tell: Callable[[], None] = lambda: None
    """Called when something changed."""
    works: dict[str, Work] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    """The same as the domain knows them, but for what only the whole queue or a log tells."""
    unsettled: set[str] = field(default_factory=set)
    """Ids of builds about which something is left to do."""
    changed: set[str] = field(default_factory=set)
    """Ids of builds that changed since somebody emptied this."""
    version: int = 0
    """Grows with every change."""
    live: bool = False
    _parts: dict[str, dict[str, Container]] = field(default_factory=dict)
    _seen: dict[str, tuple[Listed, str]] = field(default_factory=dict)
    """What each container was like, ours or not, and of which build it is."""
    _order: dict[str, int] = field(default_factory=dict)
    """The look that each container is known by."""
    _gone: dict[str, int] = field(default_factory=dict)
    """The look that found nothing, while one that was begun before is still on its way."""
    _looks: set[int] = field(default_factory=set)
    _counter: itertools.count[int] = field(default_factory=itertools.count)
    _dirty: set[str] = field(default_factory=set)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _listing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def keep(self) -> None:
        """Keep the picture up to date until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen_again_and_again())
            tasks.create_task(self._look_at_what_changed())
            tasks.create_task(self._list_again_and_again())

    async def ready(self) -> None:
        """See that the picture is there; while nothing tells of changes, it is made anew.

        Raises:
            BuilderUnavailable: the engine does not answer.
        """
        if not self.live:
            await self._list()

    async def work(self, build_id: str) -> Work:
        """Give a build's containers as they are at this moment.

        Raises:
            BuildNotFound: there are none.
        """
        if build_id in self.works:
            await self._refresh_work(self.works[build_id])
        else:
            await self._refresh_all(listed.id for listed in await self.store.list(build_id))
        if build_id not in self.works:
            raise BuildNotFound(build_id)
        return self.works[build_id]

    async def _refresh_work(self, work: Work) -> None:
        pusher = pusher_name(self.installation, work.id) if work.pusher is None else work.pusher.id
        over = work.pusher is not None and work.pusher.exited
        await self._refresh_all([work.builder.id, *([] if over else [pusher])])

    async def _refresh_all(self, identifiers: Iterable[str]) -> None:
        await asyncio.gather(*(self.refresh(identifier) for identifier in identifiers))

    async def refresh(self, identifier: str) -> None:
        """Look at one container, by its id or name."""
        asked = next(self._counter)
        self._looks.add(asked)
        try:
            container = await self.store.get(identifier)
        finally:
            self._looks.remove(asked)
        self._put(identifier if container is None else container.id, container, asked)
        oldest = min(self._looks, default=math.inf)
        self._gone = {key: look for key, look in self._gone.items() if look > oldest}

    def _put(self, identifier: str, container: Container | None, asked: int) -> None:
        # Of two looks at one container the one that was begun last counts, whichever answer comes first.
        if max(self._order.get(identifier, -1), self._gone.get(identifier, -1)) > asked:
            return
        _, build_id = self._seen.get(identifier, (None, ""))
        if container is None:
            self._seen.pop(identifier, None)
            self._order.pop(identifier, None)
            self._gone[identifier] = asked
            parts = self._parts.get(build_id, {})
            parts.pop(identifier, None)
        else:
            build_id = container.card.plan.id
            parts = self._parts.setdefault(build_id, {})
            self._seen[identifier] = (Listed(identifier, container.name, container.status), build_id)
            self._order[identifier] = asked
            parts[identifier] = _same_end(parts.get(identifier), container)
        if build_id:
            self._update(build_id, parts)

    def _update(self, build_id: str, parts: dict[str, Container]) -> None:
        work = pair(parts.values()).get(build_id)
        if not parts:
            self._parts.pop(build_id, None)
        if work == self.works.get(build_id):
            return
        self.version += 1
        self.changed.add(build_id)
        self.unsettled.discard(build_id)
        if work is None:
            del self.works[build_id], self.builds[build_id]
        else:
            self.works[build_id] = work
            self.builds[build_id] = work.build()
            if not work.settled:
                self.unsettled.add(build_id)
        self.tell()

    async def _list(self) -> None:
        async with self._listing:
            before = set(self._seen)
            listed = {item.id: item for item in await self.store.list()}
            new = [item.id for item in listed.values() if self._seen.get(item.id, (None, ""))[0] != item]
            await self._refresh_all({*new, *(before - listed.keys())})
            # What carries our label and is not ours need not be looked at each time.
            strange = [key for key in new if key not in self._seen]
            self._seen |= {key: (listed[key], "") for key in strange}
            self._tell_of([listed[key].name for key in strange])

    def _tell_of(self, strange: list[str]) -> None:
        if strange:
            self.log.warning(
                "Containers that are left alone, as they cannot be read: %s. They are of a later version of this"
                " service, or were made with another secret, or carry its labels by mistake.",
                ", ".join(sorted(strange)[:_MOST_NAMES]) + (", …" if len(strange) > _MOST_NAMES else ""),
            )

    async def _look_at_what_changed(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            dirty, self._dirty = self._dirty, set()
            if not await self._try(partial(self._refresh_all, dirty)):
                asyncio.get_running_loop().call_later(_LIST_SOON, self._due.set)

    async def _list_again_and_again(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LIST_AGAIN):
                    await self._due.wait()
            self._due.clear()
            if self.live:
                await self._try(self._list)

    async def _listen_again_and_again(self) -> None:
        while True:
            await self._try(self._listen)
            self.live = False
            self.tell()
            await asyncio.sleep(_RECONNECT)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            with self.engine.errors():
                await work()
                return True
        except (BuilderUnavailable, DockerError) as error:
            self.log.debug("Nothing is heard of the engine now: %s", error)
        except Exception:
            # One thing that nobody foresaw must not keep all builds from going on.
            self.log.exception("Looking at the engine failed")
        return False

    async def _listen(self) -> None:
        filters = {"type": ["container"], "event": _EVENTS, "label": [f"{INSTANCE}={self.installation.instance}"]}
        async with self.engine.get("events", filters=json.dumps(filters)) as events:
            await self._list()
            self.live = True
            self.tell()
            asyncio.get_running_loop().call_later(_LIST_SOON, self._due.set)
            rest = b""
            async for data in events.content.iter_any():
                *lines, rest = (rest + data).split(b"\n")
                self._dirty.update(json.loads(line)["Actor"]["ID"] for line in lines if line.strip())
                self._stirred.set()


def _same_end(known: Container | None, seen: Container) -> Container:
    """Take only the name of one that had ended before: a start that came too late moves its times, and does no work."""
    return replace(known, name=seen.name, mark=seen.mark) if known is not None and known.exited else seen
