"""Which builds may run at once, decided by one replica at a time without a leader.

The ids of those that may are written into one object of the cluster. Whoever adds some has read it before it looked at
all Jobs, and the cluster refuses the change when somebody else was quicker: so the bound holds whatever each replica
knows, and whenever one of them is stopped.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import INSTANCE
from repo2docker_service.adapters.builders.kubernetes.connection import CONFLICT, NOT_FOUND, Refused
from repo2docker_service.adapters.builders.kubernetes.records import MANAGED
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import Changed, JobStore
from repo2docker_service.domain.orders.queueing import to_start

_KEY: Final = "builds"


@dataclass(frozen=True)
class Slots:
    """Gives places to builds."""

    store: JobStore
    places: int
    places_per_owner: int

    @property
    def name(self) -> str:
        """Give the name of the object, a Secret that holds none: Secrets this service may change anyway."""
        return f"r2d-{self.store.installation.instance}-running"

    async def next(self) -> Collection[Work]:
        """Give the builds that have a place and have not begun, as they are now.

        Raises:
            Changed: another replica was quicker; what is to be done now may be another thing.
        """
        version, held = await self._read()
        works = await self.store.active()
        waiting = {key for key, work in works.items() if work.waits}
        keep = (held & waiting) | {key for key, work in works.items() if work.takes_place}
        builds = [works[key].build() for key in waiting | keep]
        # What has a place takes it, whatever its pod does.
        chosen = to_start(builds, self.places, self.places_per_owner, keep)
        holders = keep | {build.id for build in chosen}
        if chosen:
            await self._write(version, holders)
        return [works[key] for key in holders & waiting]

    async def _read(self) -> tuple[str, frozenset[str]]:
        path = self.store.things("secrets", self.name)
        try:
            told = await self.store.cluster.json("GET", path, expected=(NOT_FOUND,))
        except Refused:
            await self._create()
            told = await self.store.cluster.json("GET", path)
        written = base64.b64decode((told.get("data") or {}).get(_KEY, "")).decode()
        return told["metadata"]["resourceVersion"], frozenset(written.split())

    async def _create(self) -> None:
        labels = {**MANAGED, INSTANCE: self.store.installation.instance}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name, "labels": labels}}
        with suppress(Refused):
            await self.store.cluster.json("POST", self.store.things("secrets"), body=body, expected=(CONFLICT,))

    async def _write(self, version: str, holders: Collection[str]) -> None:
        data = {_KEY: base64.b64encode(" ".join(sorted(holders)).encode()).decode()}
        body: dict[str, Any] = {"metadata": {"resourceVersion": version}, "data": data}
        path = self.store.things("secrets", self.name)
        try:
            await self.store.cluster.json("PATCH", path, body=body, expected=(CONFLICT,))
        except Refused as refused:
            raise Changed from refused
