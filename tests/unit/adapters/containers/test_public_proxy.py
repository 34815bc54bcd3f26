"""git reaches public addresses through the proxy in its container, and nothing else, whatever names stand for."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from repo2docker_service.adapters import addresses
from repo2docker_service.adapters.builders.containers.in_container import public_proxy
from repo2docker_service.adapters.builders.containers.in_container.public_proxy import (
    EXCEPTIONS,
    NOT_ALLOWED,
    PROXIES,
    UNREACHABLE,
    only_public,
)
from repo2docker_service.domain.failures.causes import CauseKind
from repo2docker_service.domain.failures.diagnosis import find_cause
from repo2docker_service.domain.models import Reason

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
PATIENCE = 10


@dataclass
class World:
    """What names stand for, and a server at the same port of a public and of a private address."""

    port: int
    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    """The answers that each name's owner gives, in order; the last one from then on."""
    asked: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)

    def look_up(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        with suppress(ValueError):
            return [str(ip_address(host))]
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        return list(answers.pop(0) if len(answers) > 1 else answers[0])

    def serve(self, listener: socket.socket) -> None:
        """Give back in capitals what is sent, once it has ended."""
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.reached.append(listener.getsockname()[0])
                with client:
                    client.sendall(b"".join(iter(lambda: client.recv(100), b"")).upper())  # noqa: B023


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in (*PROXIES, *EXCEPTIONS, "GIT_CONFIG_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == PUBLIC)
    outside, inside = listeners_at_one_port()
    with outside, inside:
        world = World(outside.getsockname()[1])
        monkeypatch.setattr(public_proxy, "look_up", world.look_up)
        servers = [threading.Thread(target=world.serve, args=(each,)) for each in (outside, inside)]
        for server in servers:
            server.start()
        yield world
        for each in (outside, inside):
            each.shutdown(socket.SHUT_RDWR)
        for server in servers:
            server.join(PATIENCE)


def listeners_at_one_port() -> tuple[socket.socket, socket.socket]:
    """Listen at the same port of both addresses; what is free at one may be taken at the other."""
    for _ in range(20):
        outside = socket.create_server((PUBLIC, 0))
        try:
            return outside, socket.create_server((PRIVATE, outside.getsockname()[1]))
        except OSError:
            outside.close()
    raise AssertionError("no port is free at both addresses")


def proxy_of_git() -> socket.socket:
    """Connect to where git is told to go."""
    number = int(os.environ["GIT_CONFIG_COUNT"]) - 1
    assert os.environ[f"GIT_CONFIG_KEY_{number}"] == "http.proxy"
    scheme, _, place = os.environ[f"GIT_CONFIG_VALUE_{number}"].partition("://")
    assert scheme == "socks5h"  # with the h, names are the proxy's to look up
    host, _, port = place.partition(":")
    return socket.create_connection((host, int(port)), PATIENCE)


def wanted(host: str, port: int) -> bytes:
    """Ask for a connection as curl does."""
    with suppress(OSError):
        return b"\5\1\0\1" + socket.inet_pton(socket.AF_INET, host) + port.to_bytes(2, "big")
    with suppress(OSError):
        return b"\5\1\0\4" + socket.inet_pton(socket.AF_INET6, host) + port.to_bytes(2, "big")
    return b"\5\1\0\3" + bytes([len(host)]) + host.encode() + port.to_bytes(2, "big")


def through(world: World, host: str, port: int | None = None, pause: float = 0) -> tuple[int, bytes]:
    """Give the proxy's answer to who asks for a host, and what a server there says."""
    with only_public(), proxy_of_git() as proxy:
        proxy.sendall(b"\5\2\0\1")
        assert proxy.recv(2) == b"\5\0"
        proxy.sendall(wanted(host, world.port if port is None else port))
        answer = proxy.recv(10)
        assert (answer[:1], answer[2:]) == (b"\5", b"\0\1" + bytes(6))
        with suppress(OSError):  # one that refuses is gone at once
            time.sleep(pause)
            proxy.sendall(b"hello")
            proxy.shutdown(socket.SHUT_WR)
            return answer[1], b"".join(iter(lambda: proxy.recv(100), b""))
    return answer[1], b""


@pytest.mark.parametrize("host", ["outside.example", PUBLIC])
def test_what_is_public_is_passed_on_to(world: World, host: str) -> None:
    world.names["outside.example"] = [[PUBLIC]]

    assert through(world, host) == (0, b"HELLO")
    assert (world.asked, world.reached) == ([host], [PUBLIC])


@pytest.mark.parametrize(
    "later", [[PRIVATE], [PUBLIC, PRIVATE], ["::1"], ["169.254.169.254"]], ids=["another", "one more", "v6", "metadata"]
)
def test_a_name_that_is_given_another_address_leads_nowhere_from_then_on(
    world: World, later: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    world.names["rebound.example"] = [[PUBLIC], later]

    assert through(world, "rebound.example") == (0, b"HELLO")
    assert through(world, "rebound.example") == (NOT_ALLOWED, b"")

    assert (world.asked, world.reached) == (["rebound.example"] * 2, [PUBLIC])
    assert capsys.readouterr().out.startswith("git was kept from rebound.example: ")


@pytest.mark.parametrize("host", [PRIVATE, "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_what_is_not_public_is_refused_and_told_as_the_cause(
    world: World, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert through(world, host) == (NOT_ALLOWED, b"")

    assert world.reached == []
    cause = find_cause(Reason.SOURCE_UNREACHABLE, enumerate(capsys.readouterr().out.splitlines(), 1))
    assert cause is not None
    assert (cause.kind, host in cause.text) == (CauseKind.PRIVATE_NETWORK, True)


def test_who_does_not_answer_is_told_as_git_would(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((PUBLIC, 0)) as gone:
        port = gone.getsockname()[1]

    assert through(world, "unknown.example") == (UNREACHABLE, b"")
    assert through(world, PUBLIC, port) == (UNREACHABLE, b"")

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Could not resolve host: unknown.example",
        f"Failed to connect to {PUBLIC} port {port}: Connection refused",
    ]
    causes = [find_cause(Reason.SOURCE_UNREACHABLE, [(1, line)]) for line in lines]
    assert [cause and cause.kind for cause in causes] == [CauseKind.NETWORK] * 2


def test_the_next_address_is_tried_where_one_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) in (PUBLIC, "127.0.0.3"))
    world.names["outside.example"] = [["127.0.0.3", PUBLIC]]

    assert through(world, "outside.example") == (0, b"HELLO")


def test_what_is_connected_may_be_silent_for_as_long_as_it_likes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_proxy, "PATIENCE", 0.1)

    assert through(world, PUBLIC, pause=0.3) == (0, b"HELLO")


NO_QUESTIONS = {
    "another version": b"\4\1\0\x50\x7f\0\0\1",
    "no way that we know": b"\5\1\2",
    "to listen": b"\5\1\0\5\2\0\1\x7f\0\0\1\0\x50",
    "a name that is none": b"\5\1\0\5\1\0\3\2\xff\xfe\0\x50",
    "half a question": b"\5\1\0\5\1\0\3\x20inside",
    "nothing": b"",
}


@pytest.mark.parametrize("said", NO_QUESTIONS.values(), ids=NO_QUESTIONS)
def test_what_asks_for_nothing_that_is_known_is_not_answered(
    world: World, said: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_public(), proxy_of_git() as proxy:
        heard = [b""]
        with suppress(OSError):  # it is gone at once
            proxy.sendall(said)
            proxy.shutdown(socket.SHUT_WR)
            heard.extend(iter(lambda: proxy.recv(100), b""))

    assert b"".join(heard) in (b"", b"\5\0", b"\5\xff")
    assert (world.asked, world.reached) == ([], [])
    assert capsys.readouterr() == ("", "")


def test_git_goes_there_beside_its_other_settings_and_only_for_as_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.followRedirects")
    monkeypatch.setenv("no_proxy", "*")
    before = dict(os.environ)

    with suppress(ConnectionError), only_public():
        assert (os.environ["GIT_CONFIG_COUNT"], os.environ["GIT_CONFIG_KEY_0"]) == ("2", "http.followRedirects")
        assert (os.environ["no_proxy"], os.environ["NO_PROXY"]) == ("", "")
        raise ConnectionError

    assert os.environ == before
    assert world.asked == []


@pytest.mark.parametrize("name", PROXIES)
def test_where_there_is_a_proxy_already_git_goes_to_that_one(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    before = dict(os.environ)

    with only_public():
        assert os.environ == before
    assert world.asked == []
