"""Private repositories are built from the command line, and no password stands in it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.unit.entrypoints.cli.conftest import Outcome, Run

pytestmark = pytest.mark.served

LOCKED = "https://example.org/ada"
VARIABLE = "REPO2DOCKER_SERVICE_GIT_PASSWORD"


@pytest.fixture
def key(tmp_path: Path) -> str:
    file = tmp_path / "key"
    file.write_text("canary\n")
    return str(file)


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


def assert_private(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.err
    assert "/private/user--" in outcome.out.splitlines()[-1]
    assert "canary" not in outcome.out + outcome.err


def test_the_password_comes_from_a_file(ask: Run, key: str) -> None:
    assert_private(ask("build", LOCKED, "--username", "ada", "--password-file", key))


def test_a_token_needs_no_name(ask: Run, key: str) -> None:
    assert_private(ask("build", "https://example.org/git", "--password-file", key))


def test_the_password_comes_from_the_environment(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "canary")

    assert_private(ask("build", LOCKED, "--username", "ada", "--ref", "from-environment"))


def test_the_password_comes_from_a_pipe(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("canary\r\n"))

    assert_private(ask("build", LOCKED, "--username", "ada", "--password-file", "-", "--ref", "from-pipe"))


def test_on_a_terminal_it_is_asked_for_unseen(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: "canary")

    assert_private(ask("build", LOCKED, "--username", "ada", "--password-file", "-", "--ref", "from-terminal"))


def test_a_file_goes_before_the_environment(ask: Run, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "another")

    assert_private(ask("build", LOCKED, "--username", "ada", "--password-file", key, "--ref", "from-file"))


def test_who_gives_none_is_told_how_to_open_a_private_repository(ask: Run) -> None:
    outcome = ask("build", LOCKED)

    assert outcome.code == 2
    assert "private" in outcome.err
    assert "--password-file" in outcome.err


def test_who_gives_wrong_ones_is_told_so(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "canary-that-is-wrong")
    outcome = ask("build", LOCKED, "--username", "ada")

    assert outcome.code == 2
    assert "right credentials" in outcome.err
    assert "--password-file" not in outcome.err
    assert "canary" not in outcome.err


@pytest.mark.parametrize(
    ("options", "content", "sentence"),
    [
        (["--username", "ada"], b"", f"set {VARIABLE}"),
        (["--password-file", "key"], b"\n", "The password is empty."),
        (["--password-file", "missing"], b"", "missing: No such file or directory."),
        (["--password-file", "key"], b"\xff\xfe", "it is no text"),
        (["--password-file", "key"], b"canary\nmore", "credentials"),
    ],
)
def test_a_password_that_cannot_be_used_is_told_in_a_sentence(
    ask: Run, options: list[str], content: bytes, sentence: str
) -> None:
    Path("key").write_bytes(content)
    outcome = ask("build", LOCKED, *options)

    assert outcome.code == 2
    assert sentence in outcome.err
    assert "canary" not in outcome.err


def test_there_is_no_option_that_takes_the_password_itself(ask: Run) -> None:
    outcome = ask("build", LOCKED, "--password=canary")

    assert outcome.code == 2
    assert "Did you mean --password-file?" in outcome.err
    assert "canary" not in outcome.err
