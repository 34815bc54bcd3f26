"""A client that changes its mind: it cancels its builds at any moment, and has some forgotten afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.parts.containers import image_exists
from tools.parts.docker_api import DockerApi

from .clients import Client, post
from .engine_facts import containers
from .figures import Figure, exactly, known
from .logs import Rows, address_of
from .rig import Rig


@dataclass
class Fickle:
    """What it did."""

    asked: list[str] = field(default_factory=list)
    """The ids of all its builds."""
    cancelled: dict[str, list[str]] = field(default_factory=dict)
    """By build id, the log as it was when the cancel had been answered."""
    images: list[str] = field(default_factory=list)
    """What the cancelled builds would have made."""
    forgotten: list[str] = field(default_factory=list)
    too_late: list[str] = field(default_factory=list)
    """Builds that had ended before."""
    troubles: list[str] = field(default_factory=list)

    async def keep_on(self, rig: Rig, client: Client, rows: Rows, done: Callable[[], bool]) -> None:
        """Ask for builds and cancel them until it is enough."""
        chance = random.Random(rig.seed)  # noqa: S311 (repeatable, no secret)
        while not done():
            try:
                await self._change_mind(rig, client, rows, chance)
            except RuntimeError as error:
                self.troubles.append(str(error))

    async def _change_mind(self, rig: Rig, client: Client, rows: Rows, chance: random.Random) -> None:
        build_id = await post(client, await asyncio.to_thread(address_of, rig, rows))
        self.asked.append(build_id)
        await asyncio.sleep(chance.uniform(0, rows.seconds + 4))
        answer = await client.ask("POST", f"builds/{build_id}/cancel", 200, 409)
        if answer.status_code == 409:
            self.too_late.append(build_id)
            return
        self.images.append(answer.json()["image"])
        self.cancelled[build_id] = await client.log(build_id)
        if chance.random() < 0.5:
            await self._forget(client, build_id)

    async def _forget(self, client: Client, build_id: str) -> None:
        del self.cancelled[build_id]
        await client.ask("DELETE", f"builds/{build_id}", 204, 404)
        self.forgotten.append(build_id)

    async def figures(self, client: Client, docker: DockerApi, instance: str) -> list[Figure]:
        """Compare what was answered with what is there in the end."""
        kept = {found.build_id for found in containers(docker, instance)}
        states = [await self._state(client, build_id) for build_id in self.cancelled]
        late = [await self._state(client, build_id) for build_id in self.too_late]
        grown = [await client.log(build_id) != log for build_id, log in self.cancelled.items()]
        for trouble in self.troubles:
            print(f"Who cancelled saw: {trouble}", flush=True)
        return [
            exactly("answers to who cancelled that should not be", len(self.troubles), 0),
            known("builds cancelled", len(self.images)),
            exactly("cancelled builds that are something else in the end", len(states) - states.count("cancelled"), 0),
            exactly("cancelled builds whose log went on", sum(grown), 0),
            exactly("images of cancelled builds", sum(image_exists(docker, name) for name in self.images), 0),
            exactly("builds too late to cancel that did not succeed", len(late) - late.count("succeeded"), 0),
            known("builds forgotten", len(self.forgotten)),
            exactly("forgotten builds that are still there", len(kept & {*self.forgotten}), 0),
        ]

    async def _state(self, client: Client, build_id: str) -> str:
        answer = await client.ask("GET", f"builds/{build_id}", 200, 404)
        return str(answer.json().get("state"))
