import signal
import subprocess
import time

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import build_shape, json_answer, problem, scripted_server, wait_until
from tests.unit.entrypoints.cli.test_building import command

from repo2docker_service.entrypoints.cli import starting
from repo2docker_service.entrypoints.cli.problems import NotNow, problem_from

STARTED = json_answer(build_shape("queued"), "202 Accepted")
FETCHING = problem("503 Service Unavailable\r\nRetry-After: 5", "The engine is fetching an image.")
STARTING = problem("503 Service Unavailable\r\nRetry-After: 5", "The engine is starting.")


@pytest.fixture
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.mark.usefixtures("_no_pauses")
def test_a_service_that_cannot_start_builds_yet_is_asked_again_and_each_reason_told_once(run: Run) -> None:
    with scripted_server(FETCHING, FETCHING, STARTING, STARTED) as server:
        outcome = run("build", "https://example.org/a", "--no-follow", "--url", server.address)

    assert outcome.code == 0
    assert outcome.out == "0123456789abcdef0123456789abcdef\n"
    assert outcome.err.splitlines()[:-1] == [
        "The engine is fetching an image. Waiting for that; Ctrl-C ends.",
        "The engine is starting. Waiting for that; Ctrl-C ends.",
    ]


def test_a_service_that_never_can_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_PATIENCE", 0.0)
    with scripted_server(FETCHING) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, outcome.err) == (3, "The engine is fetching an image.\n")


def test_waiting_ends_with_an_interruption() -> None:
    with scripted_server(FETCHING) as server:
        arguments = ["build", "https://example.org/a", "--url", server.address]
        process = command(*arguments, stderr=subprocess.PIPE)
        wait_until(lambda: server.requests)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert (process.returncode, err) == (130, b"Interrupted.\n")


def test_a_slow_answer_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_SILENCE", 0.0)
    with starting._told_when_slow():
        wait_until(lambda: "Waiting for the service to answer." in capsys.readouterr().err)


def test_who_has_too_many_builds_is_refused_and_who_asks_too_often_may_wait() -> None:
    kinds = {"quota-exceeded": False, "too-many-requests": True}

    for kind, waits in kinds.items():
        answer = problem_from(429, {"type": f"urn:repo2docker-service:{kind}"}, with_token=True, retry_after="3")
        assert isinstance(answer, NotNow) is waits
        assert answer.exit_code == 3


def test_a_service_that_does_not_say_when_is_not_asked_again() -> None:
    assert not isinstance(problem_from(503, {}, with_token=True), NotNow)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("0", 1), ("9999", 60), ("Fri, 31 Dec", 5)])
def test_the_service_says_when_to_ask_again(header: str, seconds: float) -> None:
    answer = problem_from(503, {}, with_token=True, retry_after=header)

    assert isinstance(answer, NotNow)
    assert answer.seconds == seconds
