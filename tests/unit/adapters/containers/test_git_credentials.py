"""Git is told what opens a repository while it fetches that one, and nobody is afterwards."""

import io
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from repo2docker_service.adapters.builders.containers.in_container.builder import git_settings
from repo2docker_service.adapters.builders.containers.in_container.git_credentials import answer, forget, is_about, keep
from repo2docker_service.adapters.builders.containers.plans import launcher

ADDRESS = "http://git.test:8080/group/a%20b.git"
KNOWN = {"build": "0" * 32, "address": ADDRESS, "username": "ada", "password": "pass:wörd="}
ASKED = "protocol=http\nhost=git.test:8080\npath=group/a b.git\n"


@pytest.fixture
def place(tmp_path: Path) -> str:
    place = tmp_path / "kept.json"
    keep(KNOWN, os.getuid(), str(place))
    return str(place)


def test_they_are_kept_where_only_their_user_reads_them(place: str) -> None:
    assert oct(Path(place).stat().st_mode & 0o777) == "0o600"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can write as another user")
def test_they_belong_to_the_user_that_fetches_and_the_launcher_is_root_again() -> None:
    # Not pytest's own folder: only root gets there.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        keep(KNOWN, 10101, f"{folder}/kept.json")
        kept = Path(folder, "kept.json").stat()

    assert (kept.st_uid, kept.st_gid) == (10101, 10101)
    assert (os.geteuid(), os.getegid()) == (0, os.getgid())


def test_what_lies_there_already_is_not_written_over(place: str) -> None:
    with pytest.raises(FileExistsError):
        keep(KNOWN, os.getuid(), place)


def test_git_is_told_them_for_the_address(place: str) -> None:
    question = io.StringIO(f"capability[]=authtype\n{ASKED}wwwauth[]=Basic\n\n")

    assert answer("get", question, place) == "username=ada\npassword=pass:wörd=\n"


@pytest.mark.parametrize(
    "question",
    [
        "",
        ASKED.replace("http", "https"),
        ASKED.replace("8080", "8081"),
        ASKED.replace("git.test", "git.test.evil"),
        ASKED.replace(":8080", ""),
        ASKED.replace("a b.git", "other.git"),
        ASKED.replace("a b.git", "a b.git/"),
        ASKED.replace("a b.git", "a b.git/../c.git"),
        ASKED.replace("a b.git", "A b.git"),
        ASKED.replace("group/", "/group/"),
        ASKED.replace("a b", "a%20b"),
        "protocol=http\nhost=git.test:8080\n",
    ],
)
def test_git_is_told_nothing_for_anything_else(place: str, question: str) -> None:
    assert answer("get", io.StringIO(question), place) == ""


@pytest.mark.parametrize("operation", ["store", "erase", "fill"])
def test_git_is_told_nothing_when_it_does_not_ask(place: str, operation: str) -> None:
    assert answer(operation, io.StringIO(ASKED), place) == ""


def test_an_address_that_git_cannot_tell_from_another_is_not_answered_for() -> None:
    asked = {"protocol": "https", "host": "git.test", "path": "a/b"}

    assert is_about("https://git.test/a/b", asked)
    assert not is_about("https://git.test/a%2Fb", asked)
    assert not is_about("https://git.test/a%2fb", asked)


def test_nothing_is_told_once_they_are_forgotten(place: str) -> None:
    forget(place)

    assert not Path(place).exists()
    assert answer("get", io.StringIO(ASKED), place) == ""
    forget(place)


def test_git_asks_the_launcher_and_no_other_helper() -> None:
    written = git_settings("/run/r2d")
    settings = [
        (written[f"GIT_CONFIG_KEY_{number}"], written[f"GIT_CONFIG_VALUE_{number}"])
        for number in range(int(written["GIT_CONFIG_COUNT"]))
    ]

    helpers = [value for key, value in settings if key == "credential.helper"]
    assert helpers == ["", "!python3 -I /run/r2d/launcher.pyz credential"]
    assert ("credential.useHttpPath", "true") in settings
    assert ("http.followRedirects", "false") in settings
    assert len(written) == 1 + 2 * len(settings)


RUN_PACKED = """
import runpy, sys
packed, place, *arguments = sys.argv[1:]
sys.path.insert(0, packed)
import in_container.git_credentials as credentials
credentials.answer.__defaults__ = (place,)
sys.argv = [packed, *arguments]
runpy.run_path(packed, run_name="__main__")
"""


def test_the_launcher_answers_from_its_zip_file_and_claims_nothing(tmp_path: Path, place: str) -> None:
    packed = tmp_path / "launcher.pyz"
    packed.write_bytes(launcher())
    command = [sys.executable, "-I", "-c", RUN_PACKED, str(packed), place, "credential", "get"]

    done = subprocess.run(command, input=ASKED.encode(), capture_output=True, timeout=20, check=False)

    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "username=ada\npassword=pass:wörd=\n", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.json", "launcher.pyz"]
