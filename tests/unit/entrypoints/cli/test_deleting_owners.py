"""Removing all that an owner has, from the command line."""

from typing import Any

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import Service, json_answer, scripted_server
from tests.unit.entrypoints.cli.test_cleaning import BUILD, COPY

LEFT: dict[str, Any] = {**COPY, "kind": "image", "stays": "It is in use."}
FOUND = {"items": [BUILD, COPY, LEFT]}
PATH = "/api/v1/admin/owners/user%3Aada/removal"


def test_a_dry_run_lists_what_would_go_and_what_would_not_and_asks_for_nothing_else(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("delete", "--owner", "user:ada", "--dry-run", "--url", server.address)

    assert [request.split(" HTTP")[0] for request in server.requests] == [f"GET {PATH}"]
    assert (outcome.code, outcome.err) == (0, "Nothing was removed: this is what would be.\n")
    rows = outcome.out.splitlines()
    assert [row.split()[0] for row in rows[1:]] == ["build", "copy", "image"]
    assert [row.endswith("It is in use.") for row in rows[1:]] == [False, False, True]


def test_nothing_goes_unasked(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("delete", "--owner", "user:ada", "--url", server.address)

    assert outcome.code == 2
    assert len(server.requests) == 1
    assert "--yes" in outcome.err


def test_what_went_and_what_is_left_is_told_and_the_exit_code_says_that_something_is(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("delete", "--owner", "user:ada", "--yes", "--protected", "--url", server.address)

    assert [request.split(" HTTP")[0] for request in server.requests] == [f"POST {PATH}?protected=delete"]
    assert (outcome.code, outcome.err) == (3, "Removed: 2. Left: 1.\n")


def test_a_script_gets_one_object_for_each(run: Run) -> None:
    with scripted_server(json_answer({"items": [BUILD]})) as server:
        outcome = run("delete", "--owner", "user:ada", "--yes", "--json", "--url", server.address)

    assert (outcome.code, outcome.objects, outcome.err) == (0, [BUILD], "")


def test_a_script_that_may_not_delete_gets_no_object(run: Run) -> None:
    with scripted_server(json_answer(FOUND)) as server:
        outcome = run("delete", "--owner", "user:ada", "--json", "--url", server.address)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("To be removed: 3. See them with --dry-run.\n")


@pytest.mark.parametrize("how", ["--dry-run", "--yes"])
def test_it_is_told_when_there_may_be_more_than_is_known(run: Run, how: str) -> None:
    with scripted_server(json_answer({"items": [], "partial": True})) as server:
        outcome = run("delete", "--owner", "user:ada", how, "--url", server.address)

    assert outcome.err.endswith("there may be images that are missing here.\n")


def test_of_who_has_nothing_nothing_goes(ask: Run, service: Service) -> None:
    outcome = ask("delete", "--owner", "user:nobody")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "There is nothing to remove.\n")


@pytest.mark.parametrize("arguments", [(), ("0123456789ab", "--owner", "user:ada")])
def test_either_an_image_or_an_owner_is_named(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("delete", *arguments).code == 2


@pytest.mark.parametrize("owner", ["ada", ""])
def test_what_is_no_owner_is_bad_usage(ask: Run, owner: str) -> None:
    outcome = ask("delete", "--owner", owner, "--yes")

    assert outcome.code == 2
    assert "owner" in outcome.err
