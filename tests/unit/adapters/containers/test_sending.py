"""A push is tried again while the registry is away. It ends when it is refused or cancelled, or when time is up."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.docker.raw_engine import RawEngine, answer, read_request

from repo2docker_service.adapters.builders.containers.in_container import codes, layers, sending
from repo2docker_service.adapters.builders.containers.in_container.engine import Engine
from repo2docker_service.adapters.builders.containers.in_container.sending import Sending

pytestmark = pytest.mark.served

PLAN: dict[str, Any] = {"repository": "registry.test/r2d/a", "tag": "1", "push_timeout": 5, "push_patience": 2}
DIGEST = f"sha256:{'d' * 64}"
Message = dict[str, object]

PUSHED: list[Message] = [
    {"status": "The push refers to repository [registry.test/r2d/a]"},
    {"status": "Preparing", "progressDetail": {}, "id": "one"},
    {"status": "Preparing", "progressDetail": {}, "id": "two"},
    {"status": "Layer already exists", "progressDetail": {}, "id": "two"},
    {"status": "Pushing", "progressDetail": {"current": 1_000_000, "total": 2_000_000}, "id": "one"},
    {"status": "Pushed", "progressDetail": {}, "id": "one"},
    {"status": f"1: digest: {DIGEST} size: 741"},
    {"progressDetail": {}, "aux": {"Tag": "1", "Digest": DIGEST, "Size": 741}},
]
AWAY: list[Message] = [{"error": "Get http://registry.test/v2/: dial tcp: connect: connection refused"}]


@dataclass
class PushingEngine:
    """Answers each push with the next of some scripts, the last one again and again."""

    path: Path
    scripts: list[list[Message]]
    silent_after: float = 0.0
    """Seconds for which it says nothing at the end of a script."""
    pause: float = 0.0
    """Seconds after each message."""
    asked: list[str] = field(default_factory=list)

    def talk(self, connection: socket.socket) -> None:
        self.asked.append(read_request(connection).decode())
        script = self.scripts[min(len(self.asked), len(self.scripts)) - 1]
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for message in script:
            connection.sendall(json.dumps(message).encode() + b"\r\n")
            time.sleep(self.pause)
        time.sleep(self.silent_after)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[PushingEngine]:
    engine = PushingEngine(tmp_path / "engine", [PUSHED])
    with RawEngine(engine.path, engine.talk).listening():
        yield engine


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(layers, "TELL_EVERY", 0.0)


def sending_to(engine: PushingEngine, **plan: Any) -> Sending:
    return Sending(Engine(str(engine.path), 5), PLAN | plan, "the header")


def run_in_a_thread(sent: Sending, number: signal.Signals, seconds: float) -> int:
    """Run with a signal after some time, in a thread of its own, whose signals nobody else sees."""
    codes_given: list[int] = []

    def signalled() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        me = threading.get_ident()
        timer = threading.Timer(seconds, lambda: signal.pthread_kill(me, number))
        timer.start()
        codes_given.append(sent.run())
        timer.join()

    thread = threading.Thread(target=signalled)
    thread.start()
    thread.join(10)
    return codes_given[0]


def test_an_image_is_pushed_with_the_credentials_and_its_digest_is_known(engine: PushingEngine) -> None:
    sent = sending_to(engine)

    assert sent.run() == codes.OK
    assert sent.digest == DIGEST
    assert "POST /images/registry.test/r2d/a/push?tag=1 " in engine.asked[0]
    assert "X-Registry-Auth: the header\r\n" in engine.asked[0]


def test_the_log_tells_how_far_it_is_and_nothing_secret(
    engine: PushingEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    sending_to(engine).run()

    lines = capfd.readouterr().out.splitlines()
    assert lines[-1] == "Pushing [2/2] 2.0 of 2.0 MB"
    assert "Pushing [1/2] 1.0 of 2.0 MB" in lines
    assert all(line.startswith("Pushing [") for line in lines)


def test_a_registry_that_comes_back_gets_the_image(engine: PushingEngine, capfd: pytest.CaptureFixture[str]) -> None:
    engine.scripts = [AWAY, AWAY, PUSHED]

    assert sending_to(engine).run() == codes.OK
    assert len(engine.asked) == 3
    again = [line for line in capfd.readouterr().out.splitlines() if "Trying again" in line]
    assert [re.findall(r"in ([0-9.]+) seconds", line) for line in again] == [["0.05"], ["0.1"]]
    assert "connection refused" in again[0]


def test_a_registry_that_stays_away_is_given_up_after_so_many_seconds(engine: PushingEngine) -> None:
    engine.scripts = [AWAY]
    began = time.monotonic()

    sent = sending_to(engine, push_patience=0.5)
    assert sent.run() == codes.PUSH_FAILED
    assert 0.2 < time.monotonic() - began < 3
    assert sent.outcome == "The registry stayed away"
    assert "connection refused" in sent.problem
    assert len(engine.asked) >= 3


def test_patience_begins_anew_when_a_layer_has_arrived(engine: PushingEngine) -> None:
    some: list[Message] = [*PUSHED[:6], {"error": "received unexpected HTTP status: 503 Service Unavailable"}]
    engine.scripts = [AWAY, some, AWAY, PUSHED]

    assert sending_to(engine, push_patience=0.4).run() == codes.OK


@pytest.mark.parametrize(
    "problem",
    [
        "denied: requested access to the resource is denied",
        "unauthorized: authentication required",
        "no basic auth credentials",
        "Get https://registry.test/v2/: x509: certificate signed by unknown authority",
        "Get https://registry.test/v2/: http: server gave HTTP response to HTTPS client",
        "manifest invalid: manifest invalid",
        "An image does not exist locally with the tag: registry.test/r2d/a",
    ],
)
def test_what_is_refused_is_not_tried_again(engine: PushingEngine, problem: str) -> None:
    engine.scripts = [[*PUSHED[:3], {"errorDetail": {"message": problem}, "error": problem}]]

    sent = sending_to(engine)
    assert sent.run() == codes.PUSH_FAILED
    assert (sent.outcome, sent.problem) == ("The registry refused the image", problem.rstrip("."))
    assert len(engine.asked) == 1


def test_words_in_addresses_are_no_refusal(engine: PushingEngine) -> None:
    address = "http://registry.test/v2/r2d/denied--quota-certificate/blobs/uploads/1"
    engine.scripts = [[{"error": f'Patch "{address}": write: connection reset by peer'}], PUSHED]

    assert sending_to(engine).run() == codes.OK


def test_an_engine_that_refuses_is_quoted(tmp_path: Path) -> None:
    def refuse(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer(b'{"message":"invalid reference format"}', 400))

    with RawEngine(tmp_path / "engine", refuse).listening():
        sent = Sending(Engine(str(tmp_path / "engine"), 5), PLAN, "")
        assert sent.run() == codes.PUSH_FAILED
    assert sent.problem == "invalid reference format"


def test_a_push_without_an_end_has_failed(engine: PushingEngine) -> None:
    engine.scripts = [PUSHED[:6], PUSHED]

    assert sending_to(engine).run() == codes.OK
    assert len(engine.asked) == 2


def test_a_push_that_takes_too_long_is_ended(engine: PushingEngine) -> None:
    engine.scripts, engine.silent_after = [PUSHED[:5]], 3.0
    began = time.monotonic()

    sent = sending_to(engine, push_timeout=0.3)
    assert sent.run() == codes.TIMED_OUT
    assert time.monotonic() - began < 2
    assert (sent.outcome, sent.problem) == ("The push failed", "it took longer than this service allows")


@pytest.mark.parametrize(("patience", "silence"), [(0.0, 0.4), (0.1, 0.5)])
def test_a_registry_that_took_the_connection_and_says_nothing_is_given_up(
    engine: PushingEngine, monkeypatch: pytest.MonkeyPatch, patience: float, silence: float
) -> None:
    monkeypatch.setattr(sending, "SHORTEST_SILENCE", 0.4)
    engine.scripts, engine.silent_after = [PUSHED[:5]], 3.0
    began = time.monotonic()

    sent = sending_to(engine, push_timeout=60, push_patience=patience)
    assert sent.run() == codes.PUSH_FAILED
    assert silence < time.monotonic() - began < 2
    assert sent.problem == f"the registry has said nothing for {silence:g} seconds"
    assert len(engine.asked) == 1


def test_a_registry_that_says_something_now_and_then_is_not_given_up(
    engine: PushingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SHORTEST_SILENCE", 0.5)
    engine.scripts, engine.pause = [PUSHED], 0.15

    assert sending_to(engine, push_timeout=60, push_patience=0).run() == codes.OK


@pytest.mark.parametrize(("number", "code"), [(signal.SIGUSR1, codes.CANCELLED), (signal.SIGTERM, codes.LOST)])
def test_a_push_is_left_when_somebody_ends_it(engine: PushingEngine, number: signal.Signals, code: int) -> None:
    engine.scripts, engine.silent_after = [PUSHED[:5]], 4.0
    began = time.monotonic()

    assert run_in_a_thread(sending_to(engine), number, 0.3) == code
    assert time.monotonic() - began < 2


def test_a_pause_is_left_when_somebody_cancels(engine: PushingEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 5.0)
    engine.scripts = [AWAY]
    began = time.monotonic()

    assert (
        run_in_a_thread(sending_to(engine, push_timeout=60, push_patience=60), signal.SIGUSR1, 0.3) == codes.CANCELLED
    )
    assert time.monotonic() - began < 2


def test_a_manifest_that_is_on_its_way_is_waited_for(tmp_path: Path) -> None:
    """A cancel that comes when all layers are there may come too late: then it says so, and the image counts."""

    def slowly(connection: socket.socket) -> None:
        read_request(connection)
        lines = [json.dumps(message).encode() + b"\r\n" for message in PUSHED]
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"".join(lines[:6]))
        time.sleep(1)
        connection.sendall(b"".join(lines[6:]))

    with RawEngine(tmp_path / "engine", slowly).listening():
        sent = Sending(Engine(str(tmp_path / "engine"), 5), PLAN, "")
        assert run_in_a_thread(sent, signal.SIGUSR1, 0.4) == codes.OK
    assert sent.digest == DIGEST
