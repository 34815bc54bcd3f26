"""An engine that tells of containers: it lists and inspects them, and says when they change."""

import asyncio
import contextlib
import copy
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.adapters.docker.cards import OURS, inspection
from tests.unit.adapters.docker.raw_engine import answer

from repo2docker_service.adapters.builders.containers.cards import Card
from repo2docker_service.domain.installation import Installation

SOON = 5.0


class Held:
    """Answers that wait until a test lets them go. What they say was true when they were asked for."""

    def __init__(self) -> None:
        self.holding = False
        self.waiting: list[asyncio.Event] = []

    async def pass_by(self) -> None:
        if self.holding:
            self.waiting.append(asyncio.Event())
            await self.waiting[-1].wait()

    def release(self, number: int = 0) -> None:
        self.waiting.pop(number).set()


@dataclass
class ListingEngine:
    """Serves what a live view asks for."""

    path: str
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tells: bool = True
    """Whether changes become events."""
    broken: set[str] = field(default_factory=set)
    """Ids that it fails to inspect."""
    lists: int = 0
    inspected: list[str] = field(default_factory=list)
    listeners: list[asyncio.StreamWriter] = field(default_factory=list)
    list_answers: Held = field(default_factory=Held)
    inspections: Held = field(default_factory=Held)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _talks: set["asyncio.Task[None]"] = field(default_factory=set)

    # --- what happens on it ---

    def create(self, card: Card, status: str = "created", code: int = 0, *, installation: Installation = OURS) -> str:
        return self.put(inspection(card, status, code, installation=installation))

    def put(self, inspected: dict[str, Any]) -> str:
        identifier = f"{next(self._ids):064x}"
        self.containers[identifier] = {**inspected, "Id": identifier}
        self._tell(identifier, "create")
        return identifier

    def start(self, identifier: str) -> None:
        self.containers[identifier]["State"].update(Status="running", StartedAt="2026-01-02T03:04:06.5Z")
        self._tell(identifier, "start")

    def die(self, identifier: str, code: int = 0) -> None:
        ended = {"Status": "exited", "ExitCode": code, "FinishedAt": "2026-01-02T03:05:00Z"}
        self.containers[identifier]["State"].update(ended)
        self._tell(identifier, "die")

    def rename(self, identifier: str, name: str) -> None:
        self.containers[identifier]["Name"] = f"/{name}"
        self._tell(identifier, "rename")

    def destroy(self, identifier: str) -> None:
        del self.containers[identifier]
        self._tell(identifier, "destroy")

    def _tell(self, identifier: str, action: str) -> None:
        event = {"Type": "container", "Action": action, "Actor": {"ID": identifier}}
        for writer in self.listeners if self.tells else []:
            writer.write(json.dumps(event).encode() + b"\n")

    # --- how it is reached ---

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["ListingEngine"]:
        server = await asyncio.start_unix_server(self._serve, self.path)
        try:
            yield self
        finally:
            server.close()
            await self.break_off()

    async def break_off(self) -> None:
        """End all connections."""
        for task in list(self._talks):
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not condition():  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.002)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        self._talks.discard(task)
        if writer in self.listeners:
            self.listeners.remove(writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ")[1].decode())
            *_, resource, name, end = ["", "", *unquote(target.path).split("/")]
            if end == "version":
                writer.write(answer(b'{"ApiVersion":"1.41"}'))
            elif end == "events":
                writer.write(b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n")
                self.listeners.append(writer)
                await reader.read(1)
                return
            elif (name, end) == ("containers", "json"):
                writer.write(await self._list(json.loads(parse_qs(target.query)["filters"][0])["label"]))
            elif (resource, end) == ("containers", "json"):
                writer.write(await self._inspect(name))
            else:
                writer.write(answer(b'{"message":"what?"}', HTTPStatus.NOT_FOUND))

    async def _list(self, labels: list[str]) -> bytes:
        self.lists += 1
        told = [
            {"Id": identifier, "Names": [found["Name"]], "State": found["State"]["Status"]}
            for identifier, found in self.containers.items()
            if set(labels) <= {f"{key}={value}" for key, value in found["Config"]["Labels"].items()}
        ]
        await self.list_answers.pass_by()
        return answer(json.dumps(told).encode())

    async def _inspect(self, name: str) -> bytes:
        self.inspected.append(name)
        found = next((one for one in self.containers.values() if name in {one["Id"], one["Name"][1:]}), None)
        told = copy.deepcopy(found)
        await self.inspections.pass_by()
        if told is None:
            return answer(b'{"message":"no such container"}', HTTPStatus.NOT_FOUND)
        if told["Id"] in self.broken:
            return answer(b'{"message":"broken"}', HTTPStatus.INTERNAL_SERVER_ERROR)
        return answer(json.dumps(told).encode())
