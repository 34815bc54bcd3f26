"""Credentials open the repository that they are for, on real git servers, and nothing else ever sees them."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.raw_servers import Relay, certificate, listening
from tools.parts.git_server import GitServer, git_server
from tools.parts.repository import Repository

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import SourceForbidden, SourceUnreachable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildRequest, Identity, Owner, Source
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.orders.ordering import Order, Orders
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.resolved import ResolvedSource
from repo2docker_service.domain.signing import Signer

CANARY = "canary-3f9c51"
GIVEN = Credentials("ada", CANARY)
SENT = "Basic " + base64.b64encode(f"ada:{CANARY}".encode()).decode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Give a git server with repositories below /team that only open to credentials."""
    with git_server(tmp_path / "served", passwords={"/team": ("ada", CANARY)}) as server:
        yield server


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[GitServer]:
    """Give a second git server, where everybody may read everything."""
    with git_server(tmp_path / "elsewhere") as server:
        yield server


@pytest.fixture
async def resolver() -> AsyncIterator[GitSourceResolver]:
    """Give a resolver that may contact this machine."""
    async with GitSourceResolver(allow_private_networks=True) as resolver:
        yield resolver


def example(server: GitServer, name: str = "team/example.git") -> tuple[str, str]:
    """Make a repository with one commit, and give its address and the commit."""
    return f"{server.url}/{name}", Repository(server.root, name).commit({"a": name}, "First")


async def problem(resolver: GitSourceResolver, address: str, given: Credentials | None = None) -> str:
    """Give the sentence with which an address is said to be unreachable."""
    with pytest.raises(SourceUnreachable) as unreachable:
        await resolver.resolve(Source(address), given)
    return str(unreachable.value)


def shown(server: GitServer) -> dict[str, set[str]]:
    """Give what a server got as credentials, by repository."""
    found: dict[str, set[str]] = {}
    for request in server.requests:
        path = request.path.removesuffix("/info/refs").removesuffix("/git-upload-pack")
        found.setdefault(path, set()).add(request.headers.get("authorization", ""))
    return found


@pytest.mark.parametrize("protocol_v2", [True, False], ids=["v2", "v0"])
async def test_credentials_are_shown_with_each_request_and_to_nobody_else(
    server: GitServer, resolver: GitSourceResolver, *, protocol_v2: bool
) -> None:
    server.protocol_v2 = protocol_v2
    address, commit = example(server)
    open_address, _ = example(server, "open.git")

    resolved = await resolver.resolve(Source(address, "main"), GIVEN)
    assert [ref.name for ref in await resolver.refs(address, credentials=GIVEN)] == ["main"]
    await resolver.resolve(Source(open_address))

    assert resolved == ResolvedSource(Source(address, "main"), commit, "refs/heads/main", address, True, GIVEN)
    assert shown(server) == {"/team/example.git": {SENT}, "/open.git": {""}}


async def test_who_gives_no_or_wrong_credentials_is_told_so(server: GitServer, resolver: GitSourceResolver) -> None:
    address, _ = example(server)

    assert "give credentials for it" in await problem(resolver, address)
    for wrong in (Credentials("ada", f"{CANARY}x"), Credentials("bob", CANARY)):
        said = await problem(resolver, address, wrong)
        assert "it refused these credentials" in said
        assert CANARY not in said


async def test_credentials_are_in_no_log(
    server: GitServer, resolver: GitSourceResolver, caplog: pytest.LogCaptureFixture
) -> None:
    address, _ = example(server)

    with caplog.at_level(logging.DEBUG):
        logging.getLogger().debug("the beginning")
        await resolver.resolve(Source(address, "main"), GIVEN)
        await problem(resolver, address, Credentials("bob", CANARY))
        server.redirects["/team"] = "/other"
        await problem(resolver, address, GIVEN)

    assert "the beginning" in caplog.text
    everything = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    for secret in (CANARY, SENT.removeprefix("Basic ")):
        assert secret not in everything


async def test_a_redirect_to_the_same_place_is_followed_with_credentials(
    server: GitServer, resolver: GitSourceResolver
) -> None:
    address, commit = example(server)
    server.redirects["/team/example"] = "/team/example.git"

    resolved = await resolver.resolve(Source(address.removesuffix(".git"), "main"), GIVEN)

    assert (resolved.commit, resolved.clone_address, resolved.credentials) == (commit, address, GIVEN)
    assert shown(server) == {"/team/example": {SENT}, "/team/example.git": {SENT}}


async def test_a_redirect_to_another_path_or_host_or_to_https_never_gets_the_credentials(
    server: GitServer, elsewhere: GitServer, resolver: GitSourceResolver, tmp_path: Path
) -> None:
    address, _ = example(server)
    example(server, "other/example.git")
    example(elsewhere)
    port = server.url.rpartition(":")[2]
    _, tls = certificate(tmp_path, "git.example")
    relay = Relay(int(elsewhere.url.rpartition(":")[2]))

    async with listening(relay.talk, tls) as https:
        for target in (
            f"{server.url}/other",
            f"{server.url}/team/example.git/team",
            f"{elsewhere.url}/team",
            f"http://localhost:{port}/team",
            f"https://127.0.0.1:{https}/team",
        ):
            server.redirects = {"/team": target}
            server.requests.clear()

            said = await problem(resolver, address, GIVEN)
            with pytest.raises(SourceUnreachable):
                await resolver.refs(address, credentials=GIVEN)

            assert f"it redirects to {target}/example.git" in said
            assert "Give that address" in said
            assert shown(server) == {"/team/example.git": {SENT}}
            assert len(server.requests) == 2
    assert (elsewhere.requests, relay.received) == ([], 0)
    # The same redirect is followed by who has nothing to lose.
    server.redirects = {"/team": f"{elsewhere.url}/team"}
    assert (await resolver.resolve(Source(address))).credentials is None
    assert shown(elsewhere) == {"/team/example.git": {""}}


async def test_credentials_of_https_do_not_follow_to_http(server: GitServer, tmp_path: Path) -> None:
    example(server)
    server.redirects["/team"] = f"{server.url}/team"
    file, tls = certificate(tmp_path, "git.example")
    relay = Relay(int(server.url.rpartition(":")[2]))

    async with (
        listening(relay.talk, tls) as port,
        GitSourceResolver(allow_private_networks=True, look_up=on_this_machine, ca_bundle=str(file)) as resolver,
    ):
        assert "without https" in await problem(resolver, f"https://git.example:{port}/team/example.git", GIVEN)

    assert [request.headers["host"] for request in server.requests] == [f"git.example:{port}"]


def on_this_machine(host: str, port: int) -> list[str]:
    """Say that every host is this machine."""
    return ["127.0.0.1"]


@pytest.fixture
def rule(server: GitServer, tmp_path: Path) -> dict[str, Any]:
    """Give a rule with the administrator's credentials for what is below /team."""
    file = tmp_path / "token"
    file.write_text(f"ada:{CANARY}\n")
    return {
        "match": f"{server.url}/team",
        "private_network": True,
        "credentials_file": str(file),
        "visible_to": ["group:team", "user:carl"],
    }


async def test_the_administrators_credentials_open_what_their_rule_covers_and_are_read_again(
    server: GitServer, rule: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    address, commit = example(server)
    open_address, _ = example(server, "open/example.git")
    rules = [rule, {"match": f"{server.url}/open", "private_network": True, "visible_to": ["*"]}]
    file = Path(rule["credentials_file"])

    async with GitSourceResolver(rules=rules) as resolver:
        opened = await resolver.resolve(Source(address))
        assert (opened.commit, opened.private, opened.credentials) == (commit, True, GIVEN)
        assert [ref.name for ref in await resolver.refs(address)] == ["main"]
        shared = await resolver.resolve(Source(open_address))
        assert (shared.private, shared.credentials) == (False, None)

        server.passwords["/team"] = ("git", "renewed")
        assert "the credentials that this service has" in await problem(resolver, address)
        assert f"{address} refuses" in caplog.text
        await asyncio.to_thread(file.write_text, "renewed")
        assert (await resolver.resolve(Source(address))).credentials == Credentials("git", "renewed")
        await asyncio.to_thread(file.unlink)
        assert "Tell an administrator" in await problem(resolver, address)
        # Who has credentials of their own needs no others.
        own = Credentials("git", "renewed")
        assert (await resolver.resolve(Source(address), own)).credentials == own

    assert CANARY not in caplog.text
    assert shown(server)["/open/example.git"] == {""}


async def test_the_administrators_credentials_follow_no_redirect(
    server: GitServer, elsewhere: GitServer, rule: dict[str, Any]
) -> None:
    address, _ = example(server)
    server.redirects["/team"] = f"{elsewhere.url}/team"

    async with GitSourceResolver(rules=[rule, {"match": elsewhere.url, "private_network": True}]) as resolver:
        assert "it redirects to" in await problem(resolver, address)

    assert elsewhere.requests == []


async def test_nobody_is_led_from_elsewhere_to_what_is_not_for_everybody(
    server: GitServer, elsewhere: GitServer, rule: dict[str, Any]
) -> None:
    _, commit = example(server)
    server.passwords.clear()
    elsewhere.redirects["/a"] = f"{server.url}/team"
    server.redirects["/team/old"] = f"{server.url}/team"
    around = {"match": elsewhere.url, "private_network": True}
    some, all_with_ours = rule | {"credentials_file": ""}, rule | {"visible_to": ["*"]}

    for there in (some, all_with_ours):
        async with GitSourceResolver(rules=[around, there]) as resolver:
            with pytest.raises(SourceForbidden, match="not for everybody"):
                await resolver.resolve(Source(f"{elsewhere.url}/a/example.git"))
    assert server.requests == []
    async with GitSourceResolver(rules=[around, some]) as resolver:
        inside = await resolver.resolve(Source(f"{server.url}/team/old/example.git"))
    assert (inside.commit, inside.private) == (commit, True)


async def test_what_only_a_private_network_reaches_is_private_however_one_gets_there(
    server: GitServer, elsewhere: GitServer
) -> None:
    address, _ = example(elsewhere)
    server.redirects["/a"] = f"{elsewhere.url}/team"
    around = {"match": server.url, "private_network": True, "visible_to": ["*"]}
    inside = {"match": elsewhere.url, "private_network": True}

    async with GitSourceResolver(rules=[around, inside]) as resolver:
        for asked in (address, f"{server.url}/a/example.git"):
            resolved = await resolver.resolve(Source(asked))
            assert (resolved.clone_address, resolved.private) == (address, True)
    async with GitSourceResolver(rules=[around, inside | {"visible_to": ["*"]}]) as resolver:
        assert not (await resolver.resolve(Source(f"{server.url}/a/example.git"))).private


async def test_who_may_not_build_from_an_address_is_refused_before_its_server_hears_of_it(
    server: GitServer, rule: dict[str, Any], tmp_path: Path
) -> None:
    address, commit = example(server)
    async with GitSourceResolver(rules=[rule]) as resolver:
        orders, ada = orders_of(resolver, tmp_path), person("ada", "team", "x")
        for who, owner in ((person("bob"), None), (ada, "group:x"), (person("eve", "x"), "group:x")):
            with pytest.raises(SourceForbidden, match="may not build from this address"):
                await orders.take(who, request(address, owner))
        assert server.requests == []

        for who, owner in ((person("carl"), None), (ada, None), (ada, "group:team")):
            order = await orders.take(who, request(address, owner))
            assert isinstance(order, Order)
            assert (order.plan.commit, order.plan.private, order.credentials) == (commit, True, GIVEN)
            assert order.plan.owner == (Owner.parse(owner) if owner else who.owner)
            assert CANARY not in repr(order)


def person(name: str, *groups: str) -> Identity:
    """Give somebody who may build for each of these groups."""
    return Identity(name, groups=frozenset(groups), scopes=frozenset({"builds:create"}))


def request(address: str, owner: str | None) -> BuildRequest:
    """Ask for a build."""
    return BuildRequest(Source(address), Owner.parse(owner) if owner else None)


def orders_of(resolver: GitSourceResolver, folder: Path) -> Orders:
    """Take requests over a registry that keeps nothing."""
    signer = Signer([b"a key for tests only"])
    registry = InMemoryRegistry(installation=Installation("test", signer, folder))
    return Orders(registry, resolver, ImageNaming("r2d", signer), Policy(scopes_allow), CuratedImages(registry))
