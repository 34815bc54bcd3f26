"""Forges are asked by their API for what is public, and for everything else git's protocol is."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tools.parts.forge_server import ForgeServer, Hosted, forge_server
from traitlets import TraitError

from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.adapters.sources.git import http as http_module
from repo2docker_service.adapters.sources.git.failures import refused
from repo2docker_service.adapters.sources.git.forges import answers as answers_module
from repo2docker_service.domain.errors import SourceUnreachable
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import ResolvedSource

ONE, TWO, THREE = ("1" * 40, "2" * 40, "3" * 40)
# Nothing listens there: whoever asks by git's protocol learns nothing.
FORGE = "http://127.0.0.1:9"
NO_GIT = "nothing answers"


@pytest.fixture(autouse=True)
def nobody_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is encrypted, and to read all authorities takes longer than all else."""
    monkeypatch.setattr(http_module, "trusting", lambda _: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.fixture(params=["github", "gitlab", "gitea"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ForgeServer]:
    async with forge_server(request.param) as server:
        server.repositories["a/b"] = hosted()
        yield server


@pytest.fixture
async def github() -> AsyncIterator[ForgeServer]:
    async with forge_server("github") as server:
        server.repositories["a/b"] = hosted()
        yield server


def hosted(*, public: bool = True) -> Hosted:
    branches = {"trunk": ONE, "feature/a b": TWO, "both": TWO}
    return Hosted("trunk", branches, {"v1": TWO, "light": THREE, "both": ONE}, {"v1": "f" * 40}, public)


def resolver_of(server: ForgeServer, folder: Path, **more: Any) -> GitSourceResolver:
    """Make a resolver that asks this forge, whose repositories are elsewhere for git."""
    token = folder / "token"
    token.write_text(f"{server.token}\n")
    forge = {"address": FORGE, "kind": server.kind, "token_file": str(token), "api": server.url}
    return GitSourceResolver(**{"forges": [forge], "allow_private_networks": True, **more})


async def resolve(resolver: GitSourceResolver, ref: str = "HEAD", address: str = f"{FORGE}/a/b") -> ResolvedSource:
    async with resolver:
        return await resolver.resolve(Source(address, ref))


@pytest.mark.parametrize(
    ("ref", "commit", "name"),
    [
        ("HEAD", ONE, "refs/heads/trunk"),
        ("trunk", ONE, "refs/heads/trunk"),
        ("feature/a b", TWO, "refs/heads/feature/a b"),
        ("v1", TWO, "refs/tags/v1"),
        ("light", THREE, "refs/tags/light"),
        ("both", TWO, "refs/heads/both"),
        ("refs/tags/both", ONE, "refs/tags/both"),
        (TWO.upper(), TWO, TWO),
    ],
)
async def test_a_ref_is_the_commit_that_the_forge_tells(
    server: ForgeServer, tmp_path: Path, ref: str, commit: str, name: str
) -> None:
    resolved = await resolve(resolver_of(server, tmp_path), ref)

    assert (resolved.commit, resolved.ref, resolved.private) == (commit, name, False)
    assert resolved.clone_address.removesuffix(".git") == f"{FORGE}/a/b"


async def test_gitlab_is_cloned_from_where_it_redirects_nobody(server: ForgeServer, tmp_path: Path) -> None:
    resolved = await resolve(resolver_of(server, tmp_path))

    assert resolved.moved_to == (f"{FORGE}/a/b.git" if server.kind == "gitlab" else "")


@pytest.mark.parametrize("address", [f"{FORGE}/ada/{'c' * 20}", f"{FORGE}/{'c' * 20}.git"])
async def test_a_gist_has_its_newest_revision(tmp_path: Path, address: str) -> None:
    async with forge_server("gist") as gists:
        gists.repositories["c" * 20] = hosted()
        resolved = await resolve(resolver_of(gists, tmp_path), address=address)

    assert (resolved.commit, resolved.ref) == (ONE, "HEAD")


async def test_what_has_not_changed_is_not_sent_again_and_what_has_is_noticed(
    server: ForgeServer, tmp_path: Path
) -> None:
    async with resolver_of(server, tmp_path) as resolver:
        await resolver.resolve(Source(f"{FORGE}/a/b"))
        server.asked.clear()
        await resolver.resolve(Source(f"{FORGE}/a/b"))
        again = [status for _, status in server.asked]
        server.repositories["a/b"].default_branch = "both"
        moved = await resolver.resolve(Source(f"{FORGE}/a/b"))
        server.repositories["a/b"].branches["both"] = THREE
        pushed = await resolver.resolve(Source(f"{FORGE}/a/b", "both"))

    assert again == [304, 304]
    assert (moved.commit, pushed.commit) == (TWO, THREE)


async def test_what_is_asked_for_often_is_remembered_and_what_is_not_is_forgotten(
    github: ForgeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers_module, "_REMEMBERED", 2)
    async with resolver_of(github, tmp_path) as resolver:
        for ref in ("trunk", "both", "trunk"):
            await resolver.resolve(Source(f"{FORGE}/a/b", ref))

    statuses = [status for path, status in github.asked if path.endswith("/a/b")]
    assert statuses == [200, 304, 304]
    assert [status for path, status in github.asked if path.endswith("/trunk")] == [200, 200]


@pytest.mark.parametrize("ref", ["HEAD", "trunk", ONE])
async def test_what_a_token_opens_and_not_everybody_is_not_told(server: ForgeServer, tmp_path: Path, ref: str) -> None:
    server.repositories["a/b"] = hosted(public=False)

    with pytest.raises(SourceUnreachable, match=NO_GIT):
        await resolve(resolver_of(server, tmp_path), ref)


@pytest.mark.parametrize(
    "address", [f"{FORGE}/a/missing", f"{FORGE}/a%2Fb", f"{FORGE}/%61/b", f"{FORGE}0/a/b", "http://localhost:9/a/b"]
)
async def test_what_the_forge_does_not_have_is_asked_for_elsewhere(
    github: ForgeServer, tmp_path: Path, address: str
) -> None:
    with pytest.raises(SourceUnreachable, match=NO_GIT):
        await resolve(resolver_of(github, tmp_path), address=address)


@pytest.mark.parametrize("ref", ["no-such-branch", "1" * 7, "refs/pull/1/head", "heads/trunk", "tru*"])
async def test_only_whole_names_of_branches_and_tags_are_found(server: ForgeServer, tmp_path: Path, ref: str) -> None:
    with pytest.raises(SourceUnreachable, match=NO_GIT):
        await resolve(resolver_of(server, tmp_path), ref)


async def test_the_name_that_a_branch_had_before_is_none(tmp_path: Path) -> None:
    async with forge_server("gitea") as gitea:
        gitea.repositories["a/b"] = hosted()
        gitea.repositories["a/b"].renamed["master"] = "trunk"
        with pytest.raises(SourceUnreachable, match=NO_GIT):
            await resolve(resolver_of(gitea, tmp_path), "master")


async def test_a_forge_that_limits_is_left_alone_until_its_time_is_over(
    github: ForgeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reset = str(int(time.time()) + 300)
    github.refusal = web.Response(status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
    async with resolver_of(github, tmp_path) as resolver:
        for _ in range(2):
            with pytest.raises(SourceUnreachable, match=NO_GIT):
                await resolver.resolve(Source(f"{FORGE}/a/b", ONE))

    assert len(github.asked) == 1
    (record,) = caplog.records
    assert "too many requests" in record.getMessage()
    assert any(f"for {seconds} seconds" in record.getMessage() for seconds in (299, 300))


@pytest.mark.parametrize("status", [401, 429, 500, 502])
async def test_a_forge_in_trouble_is_left_alone_and_its_token_is_in_no_log(
    github: ForgeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    github.refusal = web.Response(status=status)
    with caplog.at_level("DEBUG"), pytest.raises(SourceUnreachable) as told:
        await resolve(resolver_of(github, tmp_path))

    assert any(record.levelname == "WARNING" for record in caplog.records)
    assert github.token not in caplog.text + str(told.value)


async def test_a_token_follows_no_redirect(github: ForgeServer, tmp_path: Path) -> None:
    async with forge_server("github") as other:
        github.refusal = web.Response(status=301, headers={"Location": f"{other.url}/repos/a/b"})
        with pytest.raises(SourceUnreachable, match=NO_GIT):
            await resolve(resolver_of(github, tmp_path))

    assert github.tokens == {f"Bearer {github.token}"}
    assert other.asked == []


async def test_a_forge_that_is_silent_is_not_waited_for_long(tmp_path: Path) -> None:
    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.append(writer)

    silent: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    server = ForgeServer("github", url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    async with listener, resolver_of(server, tmp_path, timeout=2) as resolver:
        for _ in range(2):
            with pytest.raises(SourceUnreachable, match=NO_GIT):
                await resolver.resolve(Source(f"{FORGE}/a/b"))
        for writer in silent:
            writer.close()

    assert len(silent) == 1


async def test_nothing_is_sent_where_the_address_may_not_be_private(github: ForgeServer, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="private network"):
        await resolve(resolver_of(github, tmp_path, allow_private_networks=False))

    assert github.asked == []


async def test_a_repository_that_the_administrator_has_credentials_for_is_opened_with_those(
    github: ForgeServer, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("key")
    rule = {"match": f"{FORGE}/a", "credentials_file": str(tmp_path / "key"), "visible_to": ["user:ada"]}
    with pytest.raises(SourceUnreachable, match=NO_GIT):
        await resolve(resolver_of(github, tmp_path, rules=[rule]))

    assert github.asked == []


@pytest.mark.parametrize("content", [None, "", "two\nlines", "kéy"])
async def test_without_a_token_that_can_be_used_nothing_is_sent(
    github: ForgeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    resolver = resolver_of(github, tmp_path)
    (tmp_path / "token").unlink() if content is None else (tmp_path / "token").write_text(content)
    with pytest.raises(SourceUnreachable, match=NO_GIT):
        await resolve(resolver)

    assert github.asked == []
    assert str(tmp_path / "token") in caplog.text
    assert content is None or not content or content not in caplog.text


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        ({"address": "https://github.com", "kind": "github"}, "token_file"),
        ({"address": "https://github.com", "kind": "hub", "token_file": "t"}, "one of github, gist, gitlab, gitea"),
        ({"address": "github.com", "kind": "gitlab"}, "'address'"),
        ({"address": "https://u@h.example", "kind": "gitlab"}, "'address'"),
        ({"address": "https://h.example:0", "kind": "gitlab"}, "'address'"),
        ({"address": "https://h.example", "kind": "gitlab", "api": "file:///etc"}, "'api'"),
        ({"address": "https://h.example", "kind": "gitlab", "token": "t"}, "'token' is unknown"),
        ({"address": "https://h.example", "kind": "gitlab", "token_file": 1}, "'token_file' must be a text"),
    ],
)
def test_a_forge_that_cannot_be_understood_is_refused(forge: dict[str, Any], words: str) -> None:
    with pytest.raises(TraitError, match=words):
        GitSourceResolver(forges=[forge])


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "120", "x-ratelimit-reset": "1"}, 120),
        ({"x-ratelimit-reset": "{soon}"}, 90),
        ({"ratelimit-reset": "{soon}"}, 90),
        ({"x-ratelimit-reset": "1"}, None),
        ({"x-ratelimit-reset": "9" * 30}, None),
        ({"x-ratelimit-reset": "soon"}, None),
    ],
)
def test_who_is_limited_is_told_when_to_try_again(headers: dict[str, str], wait: int | None) -> None:
    soon = str(int(time.time()) + 90)
    sent = {name: value.replace("{soon}", soon) for name, value in headers.items()}
    by_github = refused("https://github.com/a/b", 403, {**sent, "x-ratelimit-remaining": "0"})
    by_others = refused("https://h.example/a/b", 429, sent)

    assert by_github.retry_after == by_others.retry_after
    assert wait is None if by_others.retry_after is None else abs(by_others.retry_after - (wait or 0)) <= 1
    assert "too many requests. Try again in" in str(by_github)
