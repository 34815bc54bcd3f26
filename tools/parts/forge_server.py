"""A forge that speaks the API of GitHub, GitLab, Gitea or of gists, as far as refs are asked for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web
from yarl import URL


@dataclass
class Hosted:
    """A repository at the forge."""

    default_branch: str = "main"
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    """Objects of tags that have one of their own, by the tag's name."""
    public: bool = True
    renamed: dict[str, str] = field(default_factory=dict)
    """Branches that are told of under the name that they had before, too."""


@dataclass
class ForgeServer:
    """Answers with ETags, and keeps what it was asked."""

    kind: str
    repositories: dict[str, Hosted] = field(default_factory=dict)
    token: str = field(default_factory=secrets.token_hex)
    url: str = ""
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Paths, and the status with which each was answered."""
    tokens: set[str] = field(default_factory=set)
    """What was sent as authorization."""
    refusal: web.Response | None = None
    """What everything is answered with instead."""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        path = request.rel_url.raw_path
        self.tokens.add(request.headers.get("Authorization", ""))
        response = self._response(path, request.headers)
        self.asked.append((path, response.status))
        return response

    def _response(self, path: str, headers: Mapping[str, str]) -> web.Response:
        if self.refusal is not None:
            return web.Response(status=self.refusal.status, headers=self.refusal.headers)
        if headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        told = _TELL[self.kind](self.repositories, path)
        if told is None:
            return web.json_response({"message": "Not Found"}, status=404)
        response = web.json_response(told)
        assert response.text is not None
        etag = f'W/"{hashlib.sha256(response.text.encode()).hexdigest()}"'
        if headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        response.headers["ETag"] = etag
        return response


@asynccontextmanager
async def forge_server(kind: str) -> AsyncIterator[ForgeServer]:
    """Run a forge on a free port of this machine."""
    server = ForgeServer(kind)
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = str(URL.build(scheme="http", host="127.0.0.1", port=runner.addresses[0][1]))
    try:
        yield server
    finally:
        await runner.cleanup()


def _github(repositories: Mapping[str, Hosted], path: str) -> object:
    owner, name, *rest = unquote(path).removeprefix("/repos/").split("/")
    hosted = repositories.get(f"{owner}/{name}")
    match hosted, rest:
        case None, _:
            return None
        case Hosted(), []:
            return {"private": not hosted.public, "default_branch": hosted.default_branch}
        case Hosted(), ["git", "ref", folder, *ref] if folder in {"heads", "tags"}:
            refs, called = (hosted.branches if folder == "heads" else hosted.tags), "/".join(ref)
            if called not in refs:
                return None
            own = hosted.objects.get(called) if folder == "tags" else None
            target = {"type": "tag", "sha": own} if own else {"type": "commit", "sha": refs[called]}
            return {"ref": f"refs/{folder}/{called}", "object": target}
        case Hosted(), ["git", "tags", sha]:
            tags = {made: hosted.tags[called] for called, made in hosted.objects.items()}
            return {"object": {"type": "commit", "sha": tags[sha]}} if sha in tags else None
    return None


def _gitlab(repositories: Mapping[str, Hosted], path: str) -> object:
    project, *rest = path.removeprefix("/projects/").split("/")
    hosted = repositories.get(unquote(project))
    match hosted, rest:
        case Hosted(), []:
            visibility = "public" if hosted.public else "private"
            return {"visibility": visibility, "default_branch": hosted.default_branch}
        case Hosted(), ["repository", "branches" | "tags" as folder, ref]:
            refs = hosted.branches if folder == "branches" else hosted.tags
            return {"name": unquote(ref), "commit": {"id": refs[unquote(ref)]}} if unquote(ref) in refs else None
    return None


def _gitea(repositories: Mapping[str, Hosted], path: str) -> object:
    owner, name, *rest = unquote(path).removeprefix("/repos/").split("/")
    hosted = repositories.get(f"{owner}/{name}")
    match hosted, rest:
        case Hosted(), []:
            return {"private": not hosted.public, "internal": False, "default_branch": hosted.default_branch}
        case Hosted(), ["branches", *ref]:
            called = "/".join(ref)
            name = hosted.renamed.get(called, called)
            return {"name": name, "commit": {"id": hosted.branches[name]}} if name in hosted.branches else None
        case Hosted(), ["tags", *ref]:
            called = "/".join(ref)
            return {"name": called, "commit": {"sha": hosted.tags[called]}} if called in hosted.tags else None
    return None


def _gist(repositories: Mapping[str, Hosted], path: str) -> object:
    hosted = repositories.get(path.removeprefix("/gists/").removesuffix("/commits"))
    return None if hosted is None else [{"version": hosted.branches[hosted.default_branch]}]


_TELL = {"github": _github, "gitlab": _gitlab, "gitea": _gitea, "gist": _gist}
