import io
from typing import Any

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import build_shape, json_answer, scripted_server

from repo2docker_service.entrypoints.cli import output


def built(ask: Run, name: str) -> dict[str, Any]:
    build = ask("build", f"https://example.org/{name}", "--json").objects[-1]
    [image] = [each for each in ask("images", "--json").objects if each["name"] == build["image"]]
    return image


def test_images_are_listed_with_ids_and_names_that_can_be_pasted(ask: Run) -> None:
    image = built(ask, "listed/image")
    outcome = ask("images", "--q", "listed/image")

    header, row = outcome.out.splitlines()
    assert header.split()[:2] == ["id", "image"]
    assert row.split()[:2] == [image["id"], image["name"]]


def test_images_can_be_searched(ask: Run) -> None:
    built(ask, "searched/one")
    built(ask, "searched/two")

    assert [each["repo"] for each in ask("images", "--q", "searched two", "--json").objects] == [
        "https://example.org/searched/two"
    ]
    assert ask("images", "--owner", "user:nobody", "--json").out == ""


def test_every_page_of_a_list_is_read(run: Run) -> None:
    pages = [{"items": [{"id": "1"}], "next": "a/b"}, {"items": [{"id": "2"}], "next": None}]
    with scripted_server(*map(json_answer, pages)) as server:
        outcome = run("images", "--json", "--url", server.address)

    assert [each["id"] for each in outcome.objects] == ["1", "2"]
    assert "cursor=a%2Fb" in server.requests[1].splitlines()[0]


def test_builds_are_listed_by_state_with_their_reason(ask: Run) -> None:
    build = ask("build", "https://example.org/failing", "--ref", "listed", "--json").objects[-1]
    outcome = ask("builds", "--state", "failed")

    [row] = [line for line in outcome.out.splitlines() if line.startswith(build["id"])]
    assert row.split()[1:3] == ["build-failed", "https://example.org/failing"]
    assert {each["state"] for each in ask("builds", "--state", "failed", "--json").objects} == {"failed"}


def test_an_empty_list_says_so_outside_of_the_result(ask: Run) -> None:
    outcome = ask("builds", "--owner", "user:nobody")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "No builds.\n")


def test_what_people_wrote_is_no_markup_and_no_control(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_images([{"id": "1", "name": "a", "ref": "[red]x[/red]\x1b[2J[/nonsense]", "size": 0}])

    assert "[red]x[/red]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        ({"launchable": False}, "not launchable"),
        ({"launchable": None}, ""),
        ({"launchable": True, "featured": True, "protected": True}, "featured, protected"),
        ({"private": True, "outdated": "repo2docker is newer", "default": True}, "private, outdated, default"),
    ],
)
def test_notes_say_what_is_special_about_an_image(
    capsys: pytest.CaptureFixture[str], said: dict[str, Any], notes: str
) -> None:
    output.show_images([{"id": "1", "name": "a", "size": 0, "owner": "user:ada", **said}])

    assert capsys.readouterr().out.splitlines()[1].partition("user:ada")[2].strip() == notes


def test_an_image_is_deleted_by_id(ask: Run) -> None:
    image = built(ask, "deleted/by-id")
    outcome = ask("delete", image["id"], "--yes")

    assert (outcome.code, outcome.out) == (0, f"deleted: {image['name']}\n")
    assert image["digest"] in outcome.err
    assert ask("images", "--q", "deleted/by-id", "--json").out == ""


def test_an_image_is_deleted_by_name(ask: Run) -> None:
    image = built(ask, "deleted/by-name")
    outcome = ask("delete", image["name"], "--yes", "--json")

    assert (outcome.code, outcome.objects) == (0, [image])
    assert ask("delete", image["name"], "--yes").code == 2


def test_nothing_is_deleted_unasked(ask: Run) -> None:
    image = built(ask, "kept/unasked")
    outcome = ask("delete", image["id"])

    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert ask("images", "--q", "kept/unasked", "--json").objects == [image]


def test_a_dry_run_shows_the_image_and_deletes_nothing_whatever_else_is_said(ask: Run) -> None:
    image = built(ask, "kept/dry")
    outcome = ask("delete", image["id"], "--dry-run", "--yes")

    assert outcome.code == 0
    assert image["digest"] in outcome.err
    assert ask("images", "--q", "kept/dry", "--json").objects == [image]


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("", 2)])
def test_on_a_terminal_one_is_asked(ask: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    image = built(ask, "asked/first")
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    assert ask("delete", image["id"]).code == code


def test_an_image_that_was_replaced_meanwhile_is_not_deleted(run: Run) -> None:
    image = json_answer({"id": "ab" * 12, "name": "a", "digest": "sha256:1", "size": 0})
    moved = json_answer({"detail": "The image a was replaced meanwhile."}, "412 Precondition Failed")
    with scripted_server(image, moved) as server:
        outcome = run("delete", "ab" * 12, "--yes", "--siblings", "--url", server.address)

    request = server.requests[1]
    assert outcome.code == 2
    assert "replaced" in outcome.err
    assert 'if-match: "sha256:1"' in request.lower()
    assert request.startswith(f"DELETE /api/v1/images/{'ab' * 12}?siblings=delete ")


def test_the_service_tells_about_itself(ask: Run) -> None:
    assert "version" in ask("info").out
    assert "version" in ask("info", "--json").objects[0]


@pytest.mark.parametrize("width", [80, 100, 400])
def test_ids_and_names_are_never_broken(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    name = f"localhost/r2d/{'x' * 80}:{'c' * 40}"
    image = {"id": "ab" * 12, "name": name, "ref": "main", "size": 9, "owner": "user:a"}
    build = build_shape("succeeded", repo=f"https://example.org/{'y' * 80}", id="cd" * 16)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    output.show_images([image])
    output.show_builds([build])

    shown = terminal.getvalue()
    for word in (image["id"], image["name"], "main", "user:a", build["id"], build["repo"], "succeeded"):
        assert str(word) in shown
    assert [shown.count(str(long)) for long in (image["name"], build["repo"])] == [1, 1]
    assert ("created" in shown) is (width == 400)


def test_facts_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_facts({"version": "1", "capabilities": {"force": True, "build_args": True, "servers": False}})
    output.show_facts({"limits": {"repo": 2000, "build_args": 50}})

    shown = capsys.readouterr().out
    assert "force, build args; not servers" in shown
    assert "repo 2000, build args 50" in shown


def test_an_image_is_deleted_by_the_first_digits_of_its_id(ask: Run) -> None:
    image = built(ask, "deleted/by-digits")

    assert ask("delete", image["id"][:10], "--yes").out == f"deleted: {image['name']}\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


DOUBTS = {
    "stale": "The registry could not be asked lately: this is what was there at ",
    "partial": "The registry does not tell all that it holds: ",
}


@pytest.mark.parametrize("doubtful", ["", "stale", "partial", "stale and partial"])
def test_a_list_that_may_not_be_true_says_so_once_beside_the_list(run: Run, doubtful: str) -> None:
    facts = {"as_of": "2026-01-02T03:04:05Z", **{name: name in doubtful for name in DOUBTS}}
    pages = [{"items": [{"id": "1"}], "next": "a", **facts}, {"items": [{"id": "2"}], "next": None, **facts}]
    with scripted_server(*map(json_answer, pages)) as server:
        outcome = run("images", "--json", "--url", server.address)

    assert [each["id"] for each in outcome.objects] == ["1", "2"]
    for name, sentence in DOUBTS.items():
        assert outcome.err.count(sentence) == (name in doubtful)


def test_who_deleted_an_image_is_told_what_the_registry_does_with_it(run: Run) -> None:
    image = json_answer({"id": "ab" * 12, "name": "a", "digest": "sha256:1", "size": 0})
    info = json_answer({"after_delete": "The space is free tomorrow."})
    with scripted_server(image, json_answer({}), info) as server:
        outcome = run("delete", "ab" * 12, "--yes", "--url", server.address)

    assert (outcome.code, outcome.out) == (0, "deleted: a\n")
    assert outcome.err.endswith("The space is free tomorrow.\n")
