import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import (
    TOKEN,
    Service,
    build_shape,
    event,
    json_answer,
    log_event,
    problem,
    scripted_server,
    stream,
    wait_until,
)

from repo2docker_service.domain.models import Build

pytestmark = pytest.mark.served

FULL = Path("/dev/full")
STARTED = json_answer(build_shape("queued"), "202 Accepted")


def test_a_build_prints_its_log_and_ends_with_the_image(ask: Run) -> None:
    outcome = ask("build", "https://example.org/a/whole")

    lines = outcome.out.splitlines()
    assert outcome.code == 0, outcome.err
    assert lines[0] == "#1 [1/20] RUN echo line 1 of 20"
    assert len(lines) == 21
    assert lines[-1].startswith("succeeded: localhost/r2d/example.org--a--whole:")
    assert "docker run" in outcome.err


def test_a_failed_build_names_its_reason_and_ends_with_1(ask: Run) -> None:
    outcome = ask("build", "https://example.org/failing")

    assert outcome.code == 1
    assert outcome.out.splitlines()[-1].startswith("failed (build-failed): A step of the build failed.")


def test_a_build_that_has_just_failed_is_shown_again_unless_forced(ask: Run) -> None:
    first = ask("build", "https://example.org/failing", "--ref", "again", "--json").objects[-1]
    again = ask("build", "https://example.org/failing", "--ref", "again")
    forced = ask("build", "https://example.org/failing", "--ref", "again", "--force", "--json").objects[-1]

    assert again.code == 1
    assert "--force" in again.err
    assert len(again.out.splitlines()) == 21
    assert forced["id"] != first["id"]


def test_an_image_that_exists_is_answered_without_a_log(ask: Run) -> None:
    ask("build", "https://example.org/a/twice")
    outcome = ask("build", "https://example.org/a/twice")

    assert outcome.code == 0
    assert outcome.out.startswith("succeeded: ")
    assert outcome.out.endswith("(it was there already)\n")


def test_an_image_that_exists_is_built_again_when_forced(ask: Run) -> None:
    ask("build", "https://example.org/a/forced")
    outcome = ask("build", "https://example.org/a/forced", "--force")

    assert outcome.code == 0
    assert len(outcome.out.splitlines()) == 21


def test_every_wish_reaches_the_service(ask: Run) -> None:
    outcome = ask(
        *("build", "https://example.org/a/wishes", "--ref", "v1", "--subdir", "docs", "--owner", "user:admin"),
        *("--title", "Mine", "--description", "Of mine", "--build-arg", "A=1=2", "--build-arg", "B="),
        *("--force", "--json"),
    )

    build = outcome.objects[-1]
    assert (build["ref"], build["subdir"], build["title"], build["owner"]) == ("v1", "docs", "Mine", "user:admin")
    assert build["description"] == "Of mine"
    assert build["image"].rpartition("-")[2] != build["commit"]  # options are part of the name


def test_json_gives_each_event_and_the_ended_build_last(ask: Run) -> None:
    events = ask("build", "https://example.org/a/json", "--json").objects

    lines = [line for each in events if each["event"] == "log" for line in each["lines"]]
    assert events[0]["event"] == "state"
    assert len(lines) == 20
    assert (events[-1]["event"], events[-1]["state"]) == ("end", "succeeded")
    assert events[-1]["digest"].startswith("sha256:")


def test_json_of_an_image_that_exists_is_its_build(ask: Run) -> None:
    ask("build", "https://example.org/a/json-twice")
    [build] = ask("build", "https://example.org/a/json-twice", "--json").objects

    assert (build["state"], build["reused"]) == ("succeeded", True)


def test_without_following_the_id_is_printed_at_once(ask: Run) -> None:
    started = ask("build", "https://example.org/slow", "--ref", "unfollowed", "--no-follow")
    [build] = ask("build", "https://example.org/slow", "--ref", "unfollowed", "--no-follow", "--json").objects

    assert started.code == 0
    assert started.out == f"{build['id']}\n"
    assert "--follow" in started.err
    assert build["joined"] is True
    assert ask("cancel", build["id"]).code == 0


def test_a_wrong_value_is_named_with_its_field(ask: Run) -> None:
    outcome = ask("build", "ftp://example.org/a")

    assert outcome.code == 2
    assert outcome.err.startswith("repo: Give the address of a git repository")


def test_an_unknown_ref_offers_near_ones(ask: Run) -> None:
    outcome = ask("build", "https://example.org/known", "--ref", "mian")

    assert outcome.code == 2
    assert outcome.err == "ref: The repository has no branch or tag called mian. Did you mean main?\n"


def test_a_missing_token_is_explained(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPO2DOCKER_SERVICE_TOKEN")
    outcome = ask("build", "https://example.org/a")

    assert outcome.code == 3
    assert "REPO2DOCKER_SERVICE_TOKEN" in outcome.err


def test_a_refused_token_is_never_shown(ask: Run) -> None:
    outcome = ask("images", "--token", "my-wrong-token")

    assert outcome.code == 3
    assert "not accepted" in outcome.err
    assert "my-wrong-token" not in outcome.out + outcome.err


def test_a_missing_scope_ends_with_3(run: Run) -> None:
    with scripted_server(problem("403 Forbidden", "This needs the scope builds:create.")) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, outcome.err) == (3, "This needs the scope builds:create.\n")


def test_a_repository_that_cannot_be_read_is_no_unreachable_service(run: Run) -> None:
    kind = {"type": "urn:repo2docker-service:source-unreachable"}
    with scripted_server(problem("502 Bad Gateway", "It cannot be read.", **kind)) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert (outcome.code, outcome.err) == (2, "It cannot be read.\n")


def test_hostile_lines_do_not_reach_the_terminal(run: Run) -> None:
    hostile = log_event(1, "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[m")
    end = event("end", build_shape("failed", reason="build-failed", message="\x1b[2Jsorry\r\nsucceeded: x"))
    with scripted_server(STARTED, stream(hostile, end)) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert outcome.out == "\x1b[31mred\x1b[m\x1b[0m\nfailed (build-failed): sorry succeeded: x\n"


def test_the_line_that_says_why_a_build_failed_is_told_beside_the_outcome(run: Run) -> None:
    cause = {"kind": "package-not-found", "line": 71, "text": "no \x1b[2Jpackage gti", "advice": "Check its spelling."}
    end = event("end", build_shape("failed", reason="build-failed", message="A step failed.", cause=cause))
    with scripted_server(STARTED, stream(log_event(1, "one"), end)) as server:
        outcome = run("build", "https://example.org/a", "--url", server.address)

    assert outcome.out == "one\nfailed (build-failed): A step failed.\n"
    assert outcome.err.endswith("line 71: no package gti\npackage-not-found: Check its spelling.\n")


def test_half_characters_in_a_log_do_not_break_the_printing(run: Run) -> None:
    half = b'event: log\ndata: {"first": 1, "lines": ["a\\ud800b"]}\n\n'
    end = event("end", build_shape("succeeded"))
    with scripted_server(STARTED, stream(half, end)) as server:
        arguments = ["build", "https://example.org/a", "--url", server.address]
        done = command(*arguments, stdout=subprocess.PIPE)
        out, _ = done.communicate(timeout=10)

    assert done.returncode == 0
    assert out.startswith(b"a\\ud800b\nsucceeded: ")


def test_an_interrupted_follower_says_that_the_build_goes_on(service: Service) -> None:
    arguments = ["build", "https://example.org/slow", "--ref", "interrupted"]
    follower = command(*arguments, service=service, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert follower.stdout is not None
    follower.stdout.readline()
    follower.send_signal(signal.SIGINT)
    _, err = follower.communicate(timeout=10)

    [build] = [each for each in builds(service) if each.plan.source.ref == "interrupted"]
    assert follower.returncode == 130
    assert f"repo2docker-service cancel {build.id}" in err.decode()
    assert not build.state.ended
    service.run(service.services.builder.cancel(build.id))


def test_a_bar_is_shown_where_standard_error_is_a_terminal(service: Service) -> None:
    ours, theirs = pty.openpty()
    arguments = ["build", "https://example.org/a/with-a-bar"]
    process = command(*arguments, service=service, stdout=subprocess.PIPE, stderr=theirs)
    out, _ = process.communicate(timeout=10)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = terminal.read(100_000)

    assert b"step 20 of 20" in shown
    assert b"\x1b" not in out
    assert len(out.splitlines()) == 21


def test_no_bar_is_shown_elsewhere(ask: Run) -> None:
    outcome = ask("build", "https://example.org/a/without-a-bar")

    assert "of 20" not in outcome.err
    assert "\x1b" not in outcome.err
    assert "building\n" in outcome.err


def test_a_reader_that_leaves_ends_the_command_quietly(service: Service) -> None:
    arguments = ["build", "https://example.org/slow", "--ref", "head"]
    follower = command(*arguments, service=service, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert follower.stdout is not None
    follower.stdout.readline()
    follower.stdout.close()
    follower.wait(10)

    assert follower.stderr is not None
    assert follower.returncode == 141
    assert b"Traceback" not in follower.stderr.read()
    follower.stderr.close()


def test_a_log_can_be_read_and_followed_later(ask: Run) -> None:
    build = ask("build", "https://example.org/a/later", "--json").objects[-1]
    read = ask("log", build["id"])
    followed = ask("log", build["id"], "--follow")
    as_json = ask("log", build["id"], "--json")

    assert len(read.out.splitlines()) == 20
    assert followed.out.splitlines()[:-1] == read.out.splitlines()
    assert followed.out.splitlines()[-1].startswith("succeeded: ")
    assert [line for each in as_json.objects for line in each["lines"]] == read.out.splitlines()


def test_following_a_failed_build_ends_as_it_did(ask: Run) -> None:
    build = ask("build", "https://example.org/failing", "--ref", "again", "--json").objects[-1]

    assert ask("log", build["id"], "--follow").code == 1


def test_a_cancelled_build_says_so_to_its_follower(ask: Run, service: Service) -> None:
    arguments = ["build", "https://example.org/slow", "--ref", "cancelled"]
    follower = command(*arguments, service=service, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_until(lambda: any(each.plan.source.ref == "cancelled" for each in builds(service)))
    [build] = [each for each in builds(service) if each.plan.source.ref == "cancelled"]
    cancelled = ask("cancel", build.id)
    out, _ = follower.communicate(timeout=10)

    assert (cancelled.code, cancelled.out) == (0, f"cancelled: {build.id}\n")
    assert out.decode().splitlines()[-1] == f"cancelled: {build.id}"
    assert follower.returncode == 1


def test_a_build_that_is_not_there_is_named(ask: Run) -> None:
    for arguments in (["log", "ab" * 16], ["log", "ab" * 16, "--follow"], ["cancel", "ab" * 16]):
        outcome = ask(*arguments)

        assert (outcome.code, outcome.err) == (2, f"There is no build {'ab' * 16}.\n")


def builds(service: Service) -> list[Build]:
    return list(service.run(service.services.builder.list()))


def command(*arguments: str, service: Service | None = None, **more: int) -> "subprocess.Popen[bytes]":
    program = "import sys; from repo2docker_service.entrypoints.cli import main; sys.exit(main())"
    environment = {**os.environ, "REPO2DOCKER_SERVICE_TOKEN": TOKEN, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    if service is not None:
        environment["REPO2DOCKER_SERVICE_URL"] = service.address
    return subprocess.Popen([sys.executable, "-c", program, *arguments], env=environment, **more)  # type: ignore[call-overload,no-any-return]


def test_the_first_digits_of_an_id_are_enough(ask: Run) -> None:
    build = ask("build", "https://example.org/a/short-id", "--json").objects[-1]
    read = ask("log", build["id"][:12])

    assert read.code == 0, read.err
    assert len(read.out.splitlines()) == 20
    assert ask("log", build["id"][:5]).code == 2


def test_digits_that_name_no_build_or_several_are_refused(run: Run) -> None:
    ids = ["abcdef" + digit * 26 for digit in "01"]
    listed = json_answer({"items": [{"id": each} for each in ids], "next": None})
    with scripted_server(listed) as server:
        several = run("cancel", "abcdef", "--url", server.address)
        none = run("cancel", "fedcba", "--url", server.address)

    assert (several.code, several.err) == (2, "2 ids begin with abcdef. Give more of its digits.\n")
    assert (none.code, none.err.partition(".")[0]) == (2, "No id begins with fedcba")


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [["builds"], ["--help"]])
def test_output_that_cannot_be_written_is_one_sentence(service: Service, arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        process = command(*arguments, service=service, stdout=full.fileno(), stderr=subprocess.PIPE)
        _, err = process.communicate(timeout=10)

    assert (process.returncode, err) == (4, b"The output cannot be written: No space left on device.\n")
