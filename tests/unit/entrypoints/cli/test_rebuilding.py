"""Building outdated images again, from the command line."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import build_shape, json_answer, problem, scripted_server

from repo2docker_service.entrypoints.cli import rebuilding

ID = "0123456789abcdef0123456789abcdef"
WHY = "Since it was built, these settings have changed: the appendix."
IMAGE = {"id": "a" * 24, "name": "localhost/r2d/a:1", "owner": "user:ada", "outdated": WHY}
PROTECTED = "The catalog protects it, so it is not replaced."
ITEMS = [{"image": IMAGE, "state": "waiting"}, {"image": IMAGE, "state": "skipped", "why_skipped": PROTECTED}]


def rounds(*begun: str, under_way: int = 0, waiting: int = 0, skipped: int = 0, **more: Any) -> bytes:
    counts = {"under_way": under_way, "waiting": waiting, "skipped": skipped, "at_once": 2, "items": []}
    status = "202 Accepted" if begun else "200 OK"
    return json_answer({**counts, "begun": begun, "as_of": "2026-01-31T12:00:00Z", **more}, status)


def build(state: str, **more: object) -> bytes:
    return json_answer(build_shape(state, **more))


def asked(requests: list[str]) -> list[str]:
    return [request.split(" HTTP")[0].replace("/api/v1/", "") for request in requests]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "_FIRST_PAUSE", 0.0)


def test_a_dry_run_lists_what_is_outdated_and_why_some_are_skipped(run: Run) -> None:
    with scripted_server(rounds(waiting=1, skipped=3, items=ITEMS)) as server:
        outcome = run("rebuild", "--outdated", "--dry-run", "--url", server.address)

    assert asked(server.requests) == ["GET admin/rebuilds?limit=200"]
    assert [line.split()[0] for line in outcome.out.splitlines()] == ["state", "waiting", "skipped"]
    assert WHY in outcome.out
    assert PROTECTED in outcome.out
    assert outcome.err == "Under way: 0. Waiting: 1. Skipped: 3. 2 of them are not shown. Nothing was begun.\n"


def test_a_script_gets_one_object_for_each(run: Run) -> None:
    with scripted_server(rounds(waiting=1, skipped=1, items=ITEMS)) as server:
        outcome = run("rebuild", "--outdated", "--dry-run", "--json", "--url", server.address)

    assert (outcome.objects, outcome.err) == (ITEMS, "")


def test_without_following_it_begins_a_few_and_ends(run: Run) -> None:
    with scripted_server(rounds(ID, under_way=1, waiting=4), build("queued")) as server:
        outcome = run("rebuild", "--outdated", "--url", server.address)

    assert asked(server.requests) == ["POST admin/rebuilds", f"GET builds/{ID}"]
    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        f"build {ID}: https://example.org/a at {'ab' * 20}",
        "Under way: 1. Waiting: 4. Skipped: 0. Ask again for the next ones, or add --follow.",
    ]


def test_following_goes_on_until_none_waits_and_says_how_it_went(run: Run) -> None:
    other = "f" * 32
    answers = [
        *(rounds(ID, under_way=1, waiting=1), build("queued"), build("building")),
        *(rounds(under_way=1, waiting=1), build("succeeded")),
        *(rounds(other, under_way=1), build("queued", id=other), build("failed", id=other, reason="timed-out")),
        *(rounds(waiting=1), rounds(skipped=1)),  # its owner had no room
    ]
    with scripted_server(*answers) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert len(server.requests) == len(answers)
    assert outcome.code == 1
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["succeeded", "failed (timed-out)"]
    assert outcome.err.splitlines()[-1] == "Built again: 1. Failed: 1. Skipped: 1; --dry-run says why."


def test_a_script_that_follows_gets_each_build_as_it_begins_and_ends(run: Run) -> None:
    answers = (rounds(ID, under_way=1), build("queued"), build("succeeded"), rounds())
    with scripted_server(*answers) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--json", "--url", server.address)

    assert [(each["event"], each["id"], each["state"]) for each in outcome.objects] == [
        ("begun", ID, "queued"),
        ("end", ID, "succeeded"),
    ]


def test_the_service_is_asked_more_and_more_rarely_until_something_happens(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(rebuilding, "_FIRST_PAUSE", 0.5)
    monkeypatch.setattr(time, "sleep", pauses.append)
    answers = (*[rounds(waiting=1)] * 5, rounds(ID, under_way=1), build("queued"), build("succeeded"), rounds())
    with scripted_server(*answers) as server:
        run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0, 0.5]


def test_a_restart_of_the_service_is_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    away = problem("503 Service Unavailable", "The engine does not answer.")
    with scripted_server(away, away, rounds()) as server:
        assert run("rebuild", "--outdated", "--follow", "--url", server.address).code == 0

    monkeypatch.setattr(rebuilding, "_PATIENCE", 0.0)
    with scripted_server(away) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)
    assert (outcome.code, outcome.err) == (3, "The engine does not answer.\n")


def test_the_patience_begins_anew_with_each_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(rebuilding, "time", SimpleNamespace(monotonic=lambda: sum(slept), sleep=slept.append))
    for name in ("_FIRST_PAUSE", "_LONGEST_PAUSE"):
        monkeypatch.setattr(rebuilding, name, 100.0)
    waiting, away = rounds(waiting=1), problem("503 Service Unavailable", "The engine does not answer.")
    with scripted_server(waiting, waiting, away, rounds()) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert (outcome.code, slept) == (0, [100.0, 100.0, 100.0])


def test_space_for_the_next_one_is_waited_for(run: Run) -> None:
    low = problem("507 Insufficient Storage", "There is too little space for a build.")
    answers = (low, rounds(ID, under_way=1), build("queued"), build("succeeded"), rounds())
    with scripted_server(*answers) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert outcome.code == 0
    assert outcome.err.splitlines()[-1].startswith("Built again: 1.")


def test_all_that_was_begun_is_told_of_though_the_service_goes_away_meanwhile(run: Run) -> None:
    other, away = "f" * 32, problem("503 Service Unavailable", "The engine does not answer.")
    answers = (rounds(ID, other), away, rounds(), build("succeeded"), build("succeeded", id=other))
    with scripted_server(*answers) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert outcome.err.splitlines()[-1].startswith("Built again: 2.")


def test_a_build_that_is_forgotten_meanwhile_ends_nothing(run: Run) -> None:
    gone = problem("404 Not Found", "There is no such build.")
    with scripted_server(rounds(ID, under_way=1), build("queued"), gone, rounds()) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert outcome.code == 0
    assert f"build {ID} is not on record any more" in outcome.err


def test_what_has_failed_is_tried_again_by_the_services_own_clock(run: Run) -> None:
    with scripted_server(rounds(skipped=1), rounds()) as server:
        run("rebuild", "--outdated", "--retry-failed", "--url", server.address)

    assert asked(server.requests) == ["GET admin/rebuilds?limit=1", "POST admin/rebuilds"]
    assert server.bodies == [{"failed_before": "2026-01-31T12:00:00Z"}]


def test_what_goes_on_after_an_interruption_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    with scripted_server(rounds(under_way=1)) as server:
        outcome = run("rebuild", "--outdated", "--follow", "--url", server.address)

    assert (outcome.code, outcome.err.startswith("What is being built goes on.")) == (130, True)


def test_where_nothing_is_outdated_that_is_said(ask: Run) -> None:
    outcome = ask("rebuild", "--outdated", "--dry-run")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No image is outdated.\n")

    assert ask("rebuild", "--outdated", "--follow").code == 0


@pytest.mark.parametrize("more", [("--dry-run",), ("--follow",), ()])
def test_that_there_may_be_others_is_said(run: Run, more: tuple[str, ...]) -> None:
    with scripted_server(rounds(partial=True)) as server:
        outcome = run("rebuild", "--outdated", *more, "--url", server.address)

    assert "there may be images that are missing here" in outcome.err


def test_it_has_to_be_said_that_the_outdated_ones_are_meant(run: Run) -> None:
    outcome = run("rebuild")

    assert outcome.code == 2
    assert "--outdated" in outcome.err
