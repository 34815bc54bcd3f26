"""Collecting what nobody needs any more, from the command line."""

from typing import Any

from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import json_answer, scripted_server

BUILD: dict[str, Any] = {
    "kind": "build",
    "name": "ab" * 16,
    "repo": "https://example.org/a",
    "since": "2026-01-31T12:05:00Z",
    "size": 0,
    "why": "It ended more than 30 days ago.",
}
COPY = {**BUILD, "kind": "copy", "name": "registry.example.org/r2d/a:1", "size": 5_000_000}
FOUND = {"items": [BUILD, COPY]}


def test_a_dry_run_lists_what_would_go_and_asks_for_nothing_else(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("cleanup", "--dry-run", "--url", server.address)

    assert [request.split(" HTTP")[0] for request in server.requests] == ["GET /api/v1/admin/cleanup"]
    rows = [line.split() for line in outcome.out.splitlines()]
    assert [row[:2] for row in rows[1:]] == [["build", BUILD["name"]], ["copy", COPY["name"]]]
    assert "5.0 MB" in outcome.out
    assert outcome.out.count("It ended more than 30 days ago.") == 2
    assert outcome.err == "Nothing was removed: this is what would be.\n"


def test_what_was_removed_is_listed(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("cleanup", "--url", server.address)

    assert server.requests[0].startswith("POST /api/v1/admin/cleanup")
    assert outcome.err == "Removed: 2.\n"


def test_a_script_gets_one_object_for_each(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("cleanup", "--json", "--url", server.address)

    assert (outcome.objects, outcome.err) == (FOUND["items"], "")


def test_where_nothing_is_old_there_is_nothing_to_remove(ask: Run) -> None:
    outcome = ask("cleanup")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "There is nothing to remove.\n")
