"""The whole service at a glance, on a terminal."""

from __future__ import annotations

from typing import Any

from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import json_answer, scripted_server

from repo2docker_service.entrypoints.http.summary_shapes import SUMMARY

NOTHING = {"count": 0, "median": None, "ninetieth": None}


def shown(run: Run, **more: Any) -> str:
    with scripted_server(json_answer(SUMMARY | more)) as server:
        outcome = run("summary", "--url", server.address)
    assert (outcome.code, outcome.err) == (0, "")
    assert server.requests[0].startswith("GET /api/v1/admin/summary")
    return str(outcome.out)


def test_everything_is_shown_in_words(run: Run) -> None:
    text = shown(run)

    for expected in (
        "builder answers",
        "3 queued, 2 building, 0 pushing",
        "61 s",
        "40 succeeded, 2 failed, 1 cancelled",
        "5 min; nine of ten at most 14 min",
        "2 build-failed",
        "1 package-not-found",
        "1, 812.3 MB",
        "Since it was built, these settings have changed: the appendix.",
        "53.7 GB; 1.1 GB are needed to begin a build",
        "builder: The engine's live-restore is off.",
        "The biggest images:",
        "The oldest images:",
    ):
        assert expected in text


def test_owners_are_shown_with_their_limits_where_they_have_some(run: Run) -> None:
    rows = [line.split() for line in shown(run).splitlines()]

    assert ["user:ada", "5", "of", "50", "1", "812.3", "MB"] in rows


def test_what_is_not_known_is_not_shown_as_nothing(run: Run) -> None:
    parts = {"builder": {"ok": False, "seconds": 5.0}}
    disk = {"free": None, "reserve": 0}
    text = shown(run, parts=parts, builds=None, images=None, usage=None, disk=disk, warnings=[])

    assert text.count("not known now") == 3
    assert "builder is away" in text
    assert "warning" not in text


def test_where_it_is_not_known_which_images_are_outdated_that_is_said(run: Run) -> None:
    rows = [line.split() for line in shown(run, images=SUMMARY["images"] | {"outdated": None}).splitlines()]

    assert ["outdated", "not", "known", "now"] in rows


def test_that_there_may_be_other_images_is_said(run: Run) -> None:
    with scripted_server(json_answer(SUMMARY | {"images": SUMMARY["images"] | {"partial": True}})) as server:
        outcome = run("summary", "--url", server.address)

    assert "there may be images that are missing here" in outcome.err


def test_a_new_service_has_little_to_show(run: Run) -> None:
    builds = SUMMARY["builds"] | {"durations": NOTHING, "waits": NOTHING, "reasons": {}, "causes": {}}
    images = {"count": 0, "size": 0, "biggest": [], "oldest": [], "outdated": {}}
    text = shown(run, builds=builds, images=images, usage=[])

    assert "builds take" not in text
    assert "images:" not in text


def test_a_script_gets_it_as_it_is(run: Run) -> None:
    with scripted_server(json_answer(SUMMARY)) as server:
        assert run("summary", "--json", "--url", server.address).objects == [SUMMARY]


def test_the_real_service_can_be_shown(ask: Run) -> None:
    outcome = ask("summary")

    assert (outcome.code, "builder answers" in outcome.out) == (0, True)
