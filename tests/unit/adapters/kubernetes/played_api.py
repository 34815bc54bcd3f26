"""An API server of Kubernetes as far as tests need one, and trouble on demand."""

import asyncio
import copy
import itertools
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

Thing = dict[str, Any]


class Trouble(Exception):
    def __init__(self, status: int, reason: str, message: str = "", after: str = "") -> None:
        self.status, self.reason, self.message, self.after = status, reason, message or reason, after


@dataclass
class PlayedApi:
    """Keeps Jobs, pods and Secrets, by kind and name."""

    things: dict[str, dict[str, Thing]] = field(default_factory=lambda: {"jobs": {}, "pods": {}, "secrets": {}})
    events: list[tuple[int, str, str, Thing]] = field(default_factory=list)
    forgotten: int = 0
    """The version before which changes are not known any more."""
    troubles: list[Callable[[web.Request], None]] = field(default_factory=list)
    """Called with each request; may raise, and what raises once is then removed."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    logs: dict[tuple[str, str], bytearray] = field(default_factory=dict)
    excuses: int = 0
    """Times that a log is not given and an excuse in its place."""
    cuts: list[Callable[[], None]] = field(default_factory=list)
    """As many plain reads of logs break in the middle, and this is called then."""
    silent: set[str] = field(default_factory=set)
    """Pods whose nodes do not answer who reads a log."""
    dropped: int = 0
    """Grows when all streams are dropped without a word."""
    version: tuple[str, str] = ("1", "30+")
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    on_change: Callable[[str, Thing], None] = lambda _kind, _thing: None
    breaks: int = 0
    """Grows when all streams are to break."""
    orderly: bool = False
    """Whether streams of changes then end as if their time was over."""
    _counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @asynccontextmanager
    async def listening(self, folder: Path) -> AsyncIterator[str]:
        """Serve, and give the path of a kubeconfig."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        config = folder / "kubeconfig.json"
        cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}
        context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
        user = {"name": "u", "user": {"token": "nobody"}}
        whole = {"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "x"}
        config.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **whole}))
        yield str(config)
        await self.break_streams()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        try:
            for trouble in list(self.troubles):
                try:
                    trouble(request)
                except BaseException:
                    self.troubles.remove(trouble)
                    raise
            return await self._route(request)
        except Trouble as trouble:
            reason = {"reason": trouble.reason} if trouble.reason else {}
            told = {"kind": "Status", "code": trouble.status, "message": trouble.message, **reason}
            headers = {"Retry-After": trouble.after} if trouble.after else {}
            return web.json_response(told, status=trouble.status, headers=headers)

    async def _route(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/version":
            return web.json_response({"major": self.version[0], "minor": self.version[1]})
        match = re.fullmatch(r"/apis?/.*/namespaces/[^/]+/(jobs|pods|secrets)(?:/([^/]+))?(/log)?", request.path)
        if match is None:
            raise Trouble(404, "NotFound")
        kind, name, log = match.groups()
        if log:
            return await self._log(request, name)
        if request.method == "GET" and "watch" in request.query:
            return await self._watch(request, kind)
        body = await request.json() if request.can_read_body else {}
        answers = {"GET": self._get, "POST": self._post, "PATCH": self._patch, "DELETE": self._delete}
        return web.json_response(answers[request.method](kind, name, body, request))

    def _get(self, kind: str, name: str | None, _body: Thing, request: web.Request) -> Thing:
        if name:
            return self._find(kind, name)
        items = [thing for thing in self.things[kind].values() if chosen(thing, request)]
        return {"items": items, "metadata": {"resourceVersion": str(self.latest)}}

    @property
    def latest(self) -> int:
        return self.events[-1][0] if self.events else 0

    def _find(self, kind: str, name: str) -> Thing:
        if name not in self.things[kind]:
            raise Trouble(404, "NotFound")
        return self.things[kind][name]

    def _post(self, kind: str, _name: str | None, body: Thing, _request: web.Request) -> Thing:
        name = body["metadata"]["name"]
        if name in self.things[kind]:
            raise Trouble(409, "AlreadyExists")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        thing = {"status": {}, **copy.deepcopy(body)}
        thing["metadata"] |= {"uid": secrets.token_hex(8), "creationTimestamp": now}
        self.put(kind, thing, "ADDED")
        return thing

    def _patch(self, kind: str, name: str | None, body: Thing, _request: web.Request) -> Thing:
        thing = self._find(kind, name or "")
        for key in ("resourceVersion", "uid"):
            if body.get("metadata", {}).get(key, thing["metadata"][key]) != thing["metadata"][key]:
                raise Trouble(409, "Conflict")
        merged: Thing = merge(thing, body)
        self.put(kind, merged)
        return merged

    def _delete(self, kind: str, name: str | None, _body: Thing, _request: web.Request) -> Thing:
        thing = self._find(kind, name or "")
        self.remove(kind, thing)
        owned = [each for each in self.things["pods"].values() if owner(each) == thing["metadata"]["uid"]]
        for each in owned:
            self.remove("pods", each)
        return {"kind": "Status"}

    def put(self, kind: str, thing: Thing, change: str = "MODIFIED") -> None:
        """Store an object and tell those who watch."""
        version = next(self._counter)
        thing = copy.deepcopy(thing)
        thing["metadata"]["resourceVersion"] = str(version)
        self.things[kind][thing["metadata"]["name"]] = thing
        self._tell(version, kind, change, thing)

    def remove(self, kind: str, thing: Thing) -> None:
        """Remove an object and tell those who watch."""
        gone = copy.deepcopy(self.things[kind].pop(thing["metadata"]["name"]))
        version = next(self._counter)
        gone["metadata"]["resourceVersion"] = str(version)
        self._tell(version, kind, "DELETED", gone)

    def _tell(self, version: int, kind: str, change: str, thing: Thing) -> None:
        self.events.append((version, kind, change, thing))
        self.on_change(kind, thing)
        self.ring()

    def ring(self) -> None:
        """Wake all who wait for a change."""

        async def ring() -> None:
            async with self.changed:
                self.changed.notify_all()

        asyncio.ensure_future(ring())  # noqa: RUF006

    async def break_streams(self) -> None:
        """Break all watches and followed logs."""
        self.breaks += 1
        async with self.changed:
            self.changed.notify_all()
        await asyncio.sleep(0)

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        since, breaks, dropped = int(request.query["resourceVersion"]), self.breaks, self.dropped
        if since < self.forgotten:
            raise Trouble(410, "Expired")
        response = web.StreamResponse()
        await response.prepare(request)
        while self.breaks == breaks:
            await self._silence(breaks, dropped)
            for version, of, change, thing in list(self.events):
                if version > since and of == kind and chosen(thing, request):
                    await response.write(json.dumps({"type": change, "object": thing}).encode() + b"\n")
            since = max(since, self.latest)
            async with self.changed:
                if self.latest <= since and self.breaks == breaks:
                    await self.changed.wait()
        if not self.orderly:
            hang_up(request)
        return response

    async def _silence(self, breaks: int, dropped: int) -> None:
        """Say nothing any more in a stream that was dropped."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.dropped == dropped or self.breaks != breaks)

    async def _log(self, request: web.Request, pod: str) -> web.StreamResponse:
        self._find("pods", pod)
        container, follow, breaks = request.query["container"], "follow" in request.query, self.breaks
        dropped = self.dropped - (pod in self.silent)
        if self.excuses:
            self.excuses -= 1
            return web.Response(text=f"unable to retrieve container logs for docker://{'0' * 64}")
        if (pod, container) not in self.logs:
            raise Trouble(400, "BadRequest", "container is waiting to start")
        response = web.StreamResponse()
        await response.prepare(request)
        given = 0
        if self.cuts and not follow and "tailLines" not in request.query:
            data = bytes(self.logs[pod, container])
            await response.write(data[: len(data) // 2])
            self.cuts.pop(0)()
            hang_up(request)
            return response
        while True:
            await self._silence(breaks, dropped)
            data = bytes(self.logs[pod, container])
            over = self.is_over(pod, container)
            if given < len(data):
                await response.write(data[given:])
                given = len(data)
            if not follow or over:
                return response
            if self.breaks != breaks:
                hang_up(request)
                return response
            async with self.changed:
                if given == len(self.logs[pod, container]) and not self.is_over(pod, container):
                    await self.changed.wait()

    def is_over(self, pod: str, container: str) -> bool:
        """Whether a container has ended."""
        told = self.things["pods"].get(pod)
        if told is None or told["status"].get("phase") in {"Failed", "Succeeded"}:
            return True
        status = told["status"]
        every = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
        return any("terminated" in each["state"] for each in every if each["name"] == container)


def hang_up(request: web.Request) -> None:
    """End a connection in the middle of an answer."""
    if request.transport is not None:
        request.transport.close()


def owner(thing: Thing) -> str:
    return next((each["uid"] for each in thing["metadata"].get("ownerReferences", ())), "")


def chosen(thing: Thing, request: web.Request) -> bool:
    labels = thing["metadata"].get("labels", {})
    for term in filter(None, request.query.get("labelSelector", "").split(",")):
        key, equal, value = term.partition("=")
        if (labels.get(key) != value) if equal else (key.removeprefix("!") in labels):
            return False
    phases = re.findall(r"status\.phase!=(\w+)", request.query.get("fieldSelector", ""))
    return thing["status"].get("phase") not in phases


def merge(thing: object, patch: object) -> Any:  # noqa: ANN401 - JSON values
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(thing) if isinstance(thing, dict) else {}
    for key, value in patch.items():
        merged[key] = merge(merged.get(key), value)
    return {key: value for key, value in merged.items() if value is not None}
