"""Refs and commits are found on real git servers, and bad servers do no harm."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.integration.raw_servers import Relay, Sayer, certificate, listening, page
from tools.parts.forge_server import Hosted, forge_server
from tools.parts.git_server import GitServer, git_server
from tools.parts.repository import ENVIRONMENT, Repository

from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import RefNotFound, SourceForbidden, SourceUnreachable
from repo2docker_service.domain.models import Source
from repo2docker_service.domain.resolved import NamedRef
from repo2docker_service.testing.source_resolver import KnownRepository, LockedRepository, SourceResolverContract

COMMIT = "c0ffee" * 6 + "c0ff"
REFS = f"{COMMIT} HEAD\0symref=HEAD:refs/heads/main\n".encode()
ADVERTISED = "Content-Type: application/x-git-upload-pack-advertisement"
SMART = page(b"001e# service=git-upload-pack\n0000" + b"%04x" % (len(REFS) + 4) + REFS + b"0000", ADVERTISED)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Give a git server of this test's own."""
    with git_server(tmp_path / "served") as server:
        yield server


@pytest.fixture
async def resolver() -> AsyncIterator[GitSourceResolver]:
    """Give a resolver that may contact this machine."""
    async with GitSourceResolver(allow_private_networks=True) as resolver:
        yield resolver


@pytest.fixture
async def sayer() -> AsyncIterator[Sayer]:
    """Give a server that says that it has one branch."""
    sayer = Sayer(SMART)
    async with listening(sayer.talk) as port:
        sayer.url = f"http://127.0.0.1:{port}"
        yield sayer


@pytest.fixture(params=[True, False], ids=["v2", "v0"])
def either_protocol(request: pytest.FixtureRequest, server: GitServer) -> bool:
    """Have the server speak protocol v2, or not know it."""
    server.protocol_v2 = request.param
    return server.protocol_v2


def example(server: GitServer, name: str = "team/example.git") -> tuple[str, str]:
    """Make a repository with one commit, and give its address and the commit."""
    return f"{server.url}/{name}", Repository(server.root, name).commit({"a": name}, "First")


def git(folder: Path, *words: str) -> str:
    """Run git on a bare repository, without anybody's settings."""
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", f"--git-dir={folder}", *words]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | ENVIRONMENT
    )
    return done.stdout.strip()


def called(refs: Sequence[NamedRef]) -> list[str]:
    """Give what they are called."""
    return [ref.name for ref in refs]


async def problem(resolver: GitSourceResolver, address: str, ref: str = "HEAD") -> str:
    """Give the sentence with which an address is said to be unreachable."""
    with pytest.raises(SourceUnreachable) as unreachable:
        await resolver.resolve(Source(address, ref))
    assert not {"Error", "Exception", "Traceback"} & set(str(unreachable.value).split())
    return str(unreachable.value)


def known_repository(server: GitServer) -> KnownRepository:
    """Make a repository with branches, and tags with and without objects of their own."""
    made = Repository(server.root, "group/example.git", default_branch="trunk")
    commits = [made.commit({"a": str(number)}, f"Commit {number}") for number in range(4)]
    made.branch("a/x", commits[0])
    made.branch("feature/deep/name", commits[1])
    made.branch("v", commits[0])
    made.tag("light", commits[1], annotated=False)
    made.tag("v1.0", commits[2])
    made.tag("v1.0-signed-off", "v1.0")
    branches = {"trunk": commits[3], "a/x": commits[0], "feature/deep/name": commits[1], "v": commits[0]}
    tags = {"light": commits[1], "v1.0": commits[2], "v1.0-signed-off": commits[2]}
    return KnownRepository(f"{server.url}/group/example.git", "trunk", branches, tags)


@pytest.mark.usefixtures("either_protocol")
class TestGitSourceResolver(SourceResolverContract):
    """Whatever protocol the server speaks, the contract holds."""

    @pytest.fixture
    def repository(self, server: GitServer) -> KnownRepository:
        return known_repository(server)

    @pytest.fixture
    def locked(self, server: GitServer) -> LockedRepository:
        address, commit = example(server, "locked/example.git")
        server.passwords["/locked"] = ("me", "secret")
        return LockedRepository(address, Credentials("me", "secret"), commit)

    async def test_the_default_branch_is_named_and_offered_first(
        self, resolver: GitSourceResolver, repository: KnownRepository
    ) -> None:
        assert (await resolver.resolve(Source(repository.address))).ref == "refs/heads/trunk"
        assert called(await resolver.refs(repository.address)) == [
            *("trunk", "a/x", "feature/deep/name", "v"),
            *("light", "v1.0", "v1.0-signed-off"),
        ]


async def test_what_a_forge_tells_is_what_git_tells(
    server: GitServer, resolver: GitSourceResolver, tmp_path: Path
) -> None:
    known = known_repository(server)
    async with forge_server("github") as forge:
        forge.repositories["group/example"] = Hosted("trunk", dict(known.branches), dict(known.tags))
        (tmp_path / "token").write_text(forge.token)
        named = {"address": server.url, "kind": "github", "token_file": str(tmp_path / "token"), "api": forge.url}
        async with GitSourceResolver(forges=[named], allow_private_networks=True) as asking:
            refs = ["HEAD", *known.branches, *known.tags, known.branches["trunk"]]
            told = [await asking.resolve(Source(known.address, ref)) for ref in refs]
            assert server.requests == []
            with pytest.raises(RefNotFound) as missing:
                await asking.resolve(Source(known.address, "x"))

    assert told == [await resolver.resolve(Source(known.address, ref)) for ref in refs]
    assert list(missing.value.near) == ["a/x"]
    assert not any("authorization" in request.headers for request in server.requests)


@pytest.mark.usefixtures("either_protocol")
async def test_an_empty_repository_is_called_so(server: GitServer, resolver: GitSourceResolver) -> None:
    Repository(server.root, "empty.git")

    for ref in ("HEAD", "main"):
        with pytest.raises(RefNotFound, match="is empty"):
            await resolver.resolve(Source(f"{server.url}/empty.git", ref))
    assert await resolver.refs(f"{server.url}/empty.git") == []


@pytest.mark.usefixtures("either_protocol")
async def test_a_default_branch_that_is_not_there_is_not_guessed(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    Repository(server.root, "odd.git").commit({"a": "b"}, "First", branch="develop")

    with pytest.raises(RefNotFound, match="no default branch") as missing:
        await resolver.resolve(Source(f"{server.url}/odd.git"))

    assert list(missing.value.near) == ["develop"]


@pytest.mark.usefixtures("either_protocol")
async def test_a_detached_head_is_its_commit(server: GitServer, resolver: GitSourceResolver) -> None:
    address, commit = example(server)
    git(server.root / "team/example.git", "update-ref", "--no-deref", "HEAD", commit)

    resolved = await resolver.resolve(Source(address))

    assert (resolved.commit, resolved.ref) == (commit, "HEAD")


@pytest.mark.usefixtures("either_protocol")
async def test_a_repository_with_other_ids_is_refused_with_a_reason(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    server.root.mkdir()
    folder = server.root / "sha256.git"
    git(folder, "init", "--bare", "--object-format=sha256", "--initial-branch=main")
    commit = git(folder, "commit-tree", "-m", "First", git(folder, "mktree"))
    git(folder, "update-ref", "refs/heads/main", commit)

    assert "SHA-256" in await problem(resolver, f"{server.url}/sha256.git")


async def test_the_tail_of_a_branch_is_refused_and_the_branch_offered(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    address, commit = example(server)
    Repository(server.root, "team/example.git").branch("a/x", commit)

    with pytest.raises(RefNotFound) as missing:
        await resolver.resolve(Source(address, "x"))

    assert list(missing.value.near) == ["a/x"]


async def test_a_shortened_commit_is_asked_for_in_full(server: GitServer, resolver: GitSourceResolver) -> None:
    address, commit = example(server)

    with pytest.raises(RefNotFound, match="all 40 characters"):
        await resolver.resolve(Source(address, commit[:12]))
    assert (await resolver.resolve(Source(address, commit.upper()))).commit == commit


async def test_a_commit_is_not_believed_of_a_repository_that_is_not_there(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    assert "not found, or it is private" in await problem(resolver, f"{server.url}/none.git", COMMIT)


async def test_one_request_finds_a_commit_and_two_find_a_branch(server: GitServer, resolver: GitSourceResolver) -> None:
    address, commit = example(server)

    await resolver.resolve(Source(address, commit))
    await resolver.resolve(Source(address, "main"))

    assert [request.method for request in server.requests] == ["GET", "GET", "POST"]


@pytest.mark.parametrize("hops", [1, 3])
async def test_up_to_three_redirects_are_followed(server: GitServer, resolver: GitSourceResolver, hops: int) -> None:
    address, commit = example(server)
    server.redirects |= {f"/{hop}": f"/{hop + 1}" for hop in range(hops - 1)} | {f"/{hops - 1}": "/team"}
    source = Source(f"{server.url}/0/example.git", "main")

    resolved = await resolver.resolve(source)

    assert resolved.source == source
    assert (resolved.commit, resolved.clone_address) == (commit, address)
    assert called(await resolver.refs(source.address)) == ["main"]


async def test_a_fourth_redirect_is_not_followed(server: GitServer, resolver: GitSourceResolver) -> None:
    server.redirects |= {f"/{hop}": f"/{hop + 1}" for hop in range(9)}

    assert "more than 3 times" in await problem(resolver, f"{server.url}/0/example.git")
    assert [request.path for request in server.requests] == [f"/{hop}/example.git/info/refs" for hop in range(4)]


@pytest.mark.parametrize("address", ["http://169.254.169.254/a", "http://0xa9fea9fe/a", "http://[fd00:ec2::254]/a"])
async def test_a_redirect_to_metadata_is_refused(server: GitServer, resolver: GitSourceResolver, address: str) -> None:
    server.redirects["/a"] = address

    with pytest.raises(SourceForbidden, match="never contacts"):
        await resolver.resolve(Source(f"{server.url}/a/b"))


async def test_a_redirect_to_a_forbidden_address_is_refused_before_anything_is_sent_there(
    server: GitServer, tmp_path: Path
) -> None:
    with git_server(tmp_path / "inside") as inside:
        address, _ = example(inside)
        server.redirects["/team"] = f"{inside.url}/team"
        open_to_all = {"match": server.url, "private_network": True}
        refused = {"match": inside.url, "allow": False}
        for rules in ([open_to_all], [open_to_all, refused]):
            async with GitSourceResolver(rules=rules) as resolver:
                with pytest.raises(SourceForbidden):
                    await resolver.resolve(Source(f"{server.url}/team/example.git"))

        assert inside.requests == []
        async with GitSourceResolver(rules=[open_to_all | {"match": "http://"}]) as resolver:
            resolved = await resolver.resolve(Source(f"{server.url}/team/example.git"))
        assert (resolved.clone_address, resolved.public_only) == (address, False)


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("/users/sign_in", "perhaps it is private"),
        ("https://me:secret@example.org/a/info/refs", "no repository's address"),
        ("file:///etc/info/refs", "no repository's address"),
        ("//[/info/refs", "no repository's address"),
        ("http://example.org/a/../b/info/refs", "no repository's address"),
        ("", "more than 3 times"),
    ],
)
async def test_a_redirect_that_leads_to_no_repository_is_not_followed(
    sayer: Sayer, resolver: GitSourceResolver, location: str, sentence: str
) -> None:
    sayer.answer = page(b"", f"Location: {location}", status="302 Found")

    assert sentence in await problem(resolver, f"{sayer.url}/a")


async def test_a_protected_repository_is_said_to_be_perhaps_private(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    address, _ = example(server)
    server.passwords["/team"] = ("me", "secret")

    assert "not found, or it is private" in await problem(resolver, address)
    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(403, "private"), (404, "private"), (429, "too many"), (500, "try again later"), (503, "503"), (418, "418")],
)
async def test_each_refusal_of_a_server_has_its_sentence(
    server: GitServer, resolver: GitSourceResolver, status: int, sentence: str
) -> None:
    address, _ = example(server)

    server.statuses["/team"] = status
    assert sentence in await problem(resolver, address)
    server.statuses = {"/team/example.git/git-upload-pack": status}
    assert sentence in await problem(resolver, address)


async def test_a_closed_port_and_an_unknown_host_have_their_sentences(resolver: GitSourceResolver) -> None:
    assert "nothing answers" in await problem(resolver, "http://127.0.0.1:1/a")
    assert "host name is not known" in await problem(resolver, "https://no-such-host.invalid/a")
    assert "host name is not known" in await problem(resolver, f"https://{'x' * 70}.example/a")


async def test_a_server_that_is_slow_to_answer_is_left_in_time(server: GitServer) -> None:
    address, _ = example(server)
    server.delays["/team"] = 5
    started = time.monotonic()

    async with GitSourceResolver(allow_private_networks=True, timeout=0.4) as resolver:
        assert "within 0.4 seconds" in await problem(resolver, address)
        with pytest.raises(SourceUnreachable):
            await resolver.refs(address)

    assert time.monotonic() - started < server.delays["/team"]


async def test_a_server_that_never_ends_its_answer_is_left_in_time(sayer: Sayer) -> None:
    sayer.pause = 0.05

    async with GitSourceResolver(allow_private_networks=True, timeout=0.4) as resolver:
        assert "within 0.4 seconds" in await problem(resolver, f"{sayer.url}/a")


async def test_loopback_is_refused_by_default_and_gets_no_request(server: GitServer) -> None:
    _, commit = example(server)
    port = server.url.rpartition(":")[2]

    async with GitSourceResolver() as resolver:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"):
            for ref in ("HEAD", commit):
                with pytest.raises(SourceForbidden, match="leads into a private network"):
                    await resolver.resolve(Source(f"http://{host}:{port}/team/example.git", ref))

    assert server.requests == []


async def test_what_one_rule_opens_stays_closed_to_its_neighbours_even_over_a_kept_connection(sayer: Sayer) -> None:
    rules = [{"match": f"{sayer.url}/open", "private_network": True}]

    async with GitSourceResolver(rules=rules) as resolver:
        assert (await resolver.resolve(Source(f"{sayer.url}/open/a"))).commit == COMMIT
        with pytest.raises(SourceForbidden):
            await resolver.resolve(Source(f"{sayer.url}/closed/a"))

    assert len(sayer.requests) == 1


async def test_a_server_without_the_smart_protocol_is_called_so(tmp_path: Path, resolver: GitSourceResolver) -> None:
    repository = Repository(tmp_path, "dumb.git")
    repository.commit({"a": "b"}, "First")
    git(repository.path, "update-server-info")
    handler = partial(QuietFiles, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever, args=(0.05,), daemon=True).start()
        try:
            assert "smart protocol" in await problem(resolver, f"http://127.0.0.1:{files.server_port}/dumb.git")
        finally:
            files.shutdown()


class QuietFiles(SimpleHTTPRequestHandler):
    """Hands out files and writes nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Write nothing."""


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (page(b"<!DOCTYPE html>", "Content-Type: text/html; charset=utf-8"), "no git server"),
        (page(b"<!DOCTYPE html>", ADVERTISED), "no git server"),
        (page(b"001fERR \x1b[31mNo such repository", ADVERTISED), "its server says: [31mNo such repository"),
        (page(b"001e# service=git-upload-pack\n0000", ADVERTISED)[:-3], "the connection broke"),
        (page(b"001e# service=git-upload-pack\n", ADVERTISED), "no git server"),
        (SMART.replace(b"Content-Length", b"Content-Encoding: gzip\r\nContent-Length"), "COMMIT"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the connection broke"),
        (page(SMART[-4:], ADVERTISED).replace(b"Content-Length: 4", b"Content-Length: -4"), "the connection broke"),
    ],
)
async def test_an_answer_that_is_none_has_its_sentence(
    resolver: GitSourceResolver, answer: bytes, sentence: str
) -> None:
    sayer = Sayer(answer)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sayer.answer)
        await writer.drain()

    async with listening(talk) as port:
        if sentence == "COMMIT":
            # Nothing is ever unpacked, so a wrong header does no harm and a right one no good.
            assert (await resolver.resolve(Source(f"http://127.0.0.1:{port}/a"))).commit == COMMIT
        else:
            assert sentence in await problem(resolver, f"http://127.0.0.1:{port}/a")


async def test_a_long_answer_is_used_as_far_as_it_is_read(sayer: Sayer, resolver: GitSourceResolver) -> None:
    line = f"{COMMIT} refs/heads/{'x' * 200}\n".encode()
    lines = b"%04x" % (len(line) + 4) + line
    sayer.answer = page(SMART[SMART.index(b"001e") : -4] + lines * 40_000, ADVERTISED)
    assert len(sayer.answer) > 8 << 20

    assert (await resolver.resolve(Source(f"{sayer.url}/a"))).commit == COMMIT
    assert "more branches and tags" in await problem(resolver, f"{sayer.url}/a", "main")


async def test_an_endless_answer_is_cut_off(resolver: GitSourceResolver) -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(page(b"", ADVERTISED).replace(b"Content-Length: 0", b"Content-Length: 999999999999"))
        while not writer.is_closing():
            writer.write(b"%04x" % 65000 + bytes(64996))
            await writer.drain()
            sent += 65000

    async with listening(talk) as port:
        assert "no git server" in await problem(resolver, f"http://127.0.0.1:{port}/a")

    assert sent < 20_000_000


async def test_connections_are_kept_and_cookies_are_not(sayer: Sayer, resolver: GitSourceResolver) -> None:
    sayer.answer = SMART.replace(b"Content-Length", b"Set-Cookie: a=b\r\nContent-Length")

    for _ in range(3):
        assert (await resolver.resolve(Source(f"{sayer.url}/a"))).commit == COMMIT

    assert (len(sayer.requests), sayer.connections) == (3, 1)
    assert not any("cookie" in request.lower() for request in sayer.requests)


async def test_a_kept_connection_that_has_died_is_replaced(sayer: Sayer, resolver: GitSourceResolver) -> None:
    sayer.hang_up_at = 2

    for _ in range(2):
        assert (await resolver.resolve(Source(f"{sayer.url}/a"))).commit == COMMIT

    assert (len(sayer.requests), sayer.connections) == (3, 2)


async def test_a_certificate_must_be_trusted_and_belong_to_the_name(server: GitServer, tmp_path: Path) -> None:
    _, commit = example(server)
    file, tls = certificate(tmp_path, "git.example")
    relay = Relay(int(server.url.rpartition(":")[2]))

    async with (
        listening(relay.talk, tls) as port,
        GitSourceResolver(allow_private_networks=True, look_up=on_this_machine) as strict,
        GitSourceResolver(allow_private_networks=True, look_up=on_this_machine, ca_bundle=str(file)) as trusting,
    ):
        address = f"https://git.example:{port}/team/example.git"
        assert (await trusting.resolve(Source(address))).commit == commit
        assert server.requests[-1].headers["host"] == f"git.example:{port}"
        assert "ca_bundle" in await problem(strict, address)
        assert "not trusted" in await problem(trusting, address.replace("git.", "other."))
        server.redirects["/old"] = f"{server.url}/team"
        assert "without https" in await problem(trusting, address.replace("/team", "/old"))
        assert "http://" in await problem(trusting, server.url.replace("http:", "https:") + "/team/example.git")


def on_this_machine(host: str, port: int) -> list[str]:
    """Say that every host is this machine."""
    return ["127.0.0.1"]


async def test_a_proxy_gets_everything_but_what_is_refused_as_it_is_written(sayer: Sayer) -> None:
    proxy = sayer.url.replace("http://", "http://me:secret@")
    async with GitSourceResolver(proxy=proxy, look_up=never) as resolver:
        resolved = await resolver.resolve(Source("http://git.example/team/a"))
        for host in ("localhost", "127.0.0.1", "169.254.169.254", "metadata.google.internal", "2130706433"):
            with pytest.raises(SourceForbidden):
                await resolver.resolve(Source(f"http://{host}/a"))
        sayer.answer = page(b"", status="502 Bad Gateway")
        assert "proxy" in await problem(resolver, "https://git.example/team/a")

    assert resolved.commit == COMMIT
    lines = [request.splitlines()[0] for request in sayer.requests]
    assert lines == [
        "GET http://git.example/team/a/info/refs?service=git-upload-pack HTTP/1.1",
        "CONNECT git.example:443 HTTP/1.1",
    ]


def never(host: str, port: int) -> list[str]:
    """Fail: the proxy looks names up."""
    raise AssertionError(f"{host} was looked up")


async def test_many_look_ups_at_once_do_not_disturb_each_other(server: GitServer, resolver: GitSourceResolver) -> None:
    examples = [example(server, f"{number}.git") for number in range(5)]

    resolved = await asyncio.gather(*(resolver.resolve(Source(address)) for address, _ in examples * 5))

    assert [one.commit for one in resolved] == [commit for _, commit in examples * 5]


async def test_a_ref_among_fifty_thousand_is_found_quickly_and_with_few_bytes(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    _, commit = example(server)
    names = [f"refs/{kind}/n{number:05}" for kind in ("heads", "tags") for number in range(25_000)]
    names.append("refs/tags/zebra")
    lines = ["# pack-refs with: peeled fully-peeled sorted ", *(f"{commit} {name}" for name in names), ""]
    (server.root / "team/example.git/packed-refs").write_text("\n".join(lines))
    relay = Relay(int(server.url.rpartition(":")[2]))

    async with listening(relay.talk) as port:
        address = f"http://127.0.0.1:{port}/team/example.git"
        for ref in ("n24999", "refs/tags/n12345", "HEAD"):
            relay.received, started = 0, time.monotonic()

            # What makes it quick is how little is read: a list of all takes three million bytes.
            assert (await resolver.resolve(Source(address, ref))).commit == commit
            assert relay.received < 2000
            assert time.monotonic() - started < 5
        relay.received = 0
        assert called(await resolver.refs(address, "n1234", 3)) == ["n12340", "n12341", "n12342"]
        assert relay.received < 5000
        # Only the first two mebibytes of names are read for those that come near.
        for ref, near in (("n1234x", 5), ("zebr", 0)):
            with pytest.raises(RefNotFound) as missing:
                await resolver.resolve(Source(address, ref))
            assert len(missing.value.near) == near
    server.protocol_v2 = False
    assert (await resolver.resolve(Source(f"{server.url}/team/example.git", "n24999"))).commit == commit
