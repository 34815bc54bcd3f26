import time
from collections.abc import Callable

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import (
    build_shape,
    event,
    json_answer,
    log_event,
    problem,
    scripted_server,
    stream,
)

from repo2docker_service.entrypoints.cli import following

BUILDING = event("state", build_shape("building"))
END = event("end", build_shape("succeeded"))
STARTED = json_answer(build_shape("queued"), "202 Accepted")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(following, "_LONGEST_PAUSE", 0.02)


@pytest.fixture
def build(run: Run) -> Callable[..., list[str]]:
    def build(*answers: bytes) -> list[str]:
        with scripted_server(STARTED, *answers) as server:
            outcome = run("build", "https://example.org/a", "--url", server.address)
        assert outcome.code == 0, outcome.err
        return [
            *outcome.out.splitlines(),
            *(line for request in server.requests for line in request.splitlines() if "Last-Event" in line.title()),
        ]

    return build


def test_a_log_goes_on_where_the_connection_dropped(build: Callable[..., list[str]]) -> None:
    printed = build(
        stream(BUILDING, log_event(1, "one", "two"), whole=False),
        stream(BUILDING, log_event(3, "three"), END),
    )

    assert printed[:3] == ["one", "two", "three"]
    assert printed[-1].lower() == "last-event-id: 2:x"


def test_an_event_cut_in_the_middle_is_neither_lost_nor_repeated(build: Callable[..., list[str]]) -> None:
    printed = build(
        stream(log_event(1, "one"), log_event(2, "two")[:-9], whole=False),
        stream(log_event(2, "two"), END),
    )

    assert printed[:2] == ["one", "two"]
    assert printed[-1].lower() == "last-event-id: 1:x"


def test_lines_that_the_service_repeats_are_printed_once(build: Callable[..., list[str]]) -> None:
    printed = build(
        stream(log_event(1, "one", "two")),
        stream(log_event(1, "one", "two", "three"), log_event(2, "two"), END),
    )

    assert printed[:4] == ["one", "two", "three", printed[3]]
    assert printed[3].startswith("succeeded: ")


def test_a_service_that_restarts_is_waited_for(build: Callable[..., list[str]]) -> None:
    printed = build(
        problem("503 Service Unavailable", "Not ready."),
        stream(log_event(1, "one")),
        problem("502 Bad Gateway", "Not there."),
        stream(event("error", {"status": 503, "detail": "The engine does not answer."})),
        stream(log_event(2, "two"), END),
    )

    assert printed[:2] == ["one", "two"]


def test_who_reads_too_much_at_once_waits_for_a_place_and_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    full = problem(
        "429 Too Many Requests\r\nRetry-After: 10",
        "user:ada may read 50 logs and other streams at once.",
        type="urn:repo2docker-service:too-many-requests",
    )
    with scripted_server(STARTED, full, full, stream(log_event(1, "one"), END)) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, outcome.out.splitlines()[0], slept) == (0, "one", [10, 10])
    told = "user:ada may read 50 logs and other streams at once. Waiting for that; Ctrl-C ends."
    assert outcome.err.splitlines().count(told) == 1


def test_a_service_that_says_it_stops_is_asked_again(build: Callable[..., list[str]]) -> None:
    printed = build(
        stream(BUILDING, log_event(1, "one"), event("reconnect", {})),
        stream(BUILDING, log_event(2, "two"), END),
    )

    assert printed[:2] == ["one", "two"]
    assert printed[-1].lower() == "last-event-id: 1:x"


def test_a_service_that_fails_in_the_middle_is_not_asked_again(run: Run) -> None:
    failure = event("error", {"status": 500, "detail": "Tell an administrator this number: 7."})
    with scripted_server(STARTED, stream(log_event(1, "one"), failure), stream(END)) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, outcome.out) == (3, "one\n")
    assert outcome.err.endswith("Tell an administrator this number: 7.\n")


def test_heartbeats_and_unknown_events_are_passed_over(build: Callable[..., list[str]]) -> None:
    printed = build(stream(b":\n\n", event("news", {}), b"retry: 2000\n\n", log_event(1, "one"), b":\n\n", END))

    assert printed[0] == "one"


def test_characters_that_end_lines_elsewhere_do_not_end_an_event(build: Callable[..., list[str]]) -> None:
    raw = 'id: 1\nevent: log\ndata: {"first": 1, "lines": ["a\u2028b\x85c"]}\n\n'.encode()

    assert build(stream(raw, END))[0] == "abc"


def test_a_service_that_stays_away_is_given_up_and_the_way_back_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following.Follower, "patience", 0.1)
    monkeypatch.setattr(following.Follower.__init__, "__defaults__", (0.1, "", 1))
    with scripted_server(STARTED, problem("503 Service Unavailable", "Not ready.")) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert outcome.code == 3
    assert "repo2docker-service log 0123456789abcdef0123456789abcdef --follow" in outcome.err


def test_a_log_that_may_not_be_seen_any_more_is_not_asked_for_again(run: Run) -> None:
    with scripted_server(STARTED, problem("410 Gone", "The log was removed.")) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, len(server.requests)) == (2, 2)
    assert "The log was removed." in outcome.err
