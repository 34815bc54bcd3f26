"""Which credential is used, and when it is looked for again."""

import asyncio
import base64
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from repo2docker_service.adapters.registries.v2.auth.credentials import (
    BadCredentials,
    ConfiguredCredentials,
    Credential,
    Secret,
    push_config,
)

HOST = "registry.example"
LOG = logging.getLogger("test")
HELPER = 'echo . >> "$0.runs"; cat "$0.answer"'


class Clock:
    """Says what time it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home, so that nothing of this machine is found."""
    for name in ("DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Make a helper that answers with a password, and give how often it ran before."""
    program = tmp_path / "docker-credential-test"
    program.write_text(f"#!/bin/sh\n{HELPER}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def answer(password: str) -> int:
        said = json.dumps({"Username": "helped", "Secret": password})
        (tmp_path / f"{program.name}.answer").write_text(said)
        runs = tmp_path / f"{program.name}.runs"
        return len(runs.read_text().splitlines()) if runs.exists() else 0

    return answer


def config(user: str, **more: object) -> str:
    auth = base64.b64encode(f"{user}:pass".encode()).decode()
    return json.dumps({"auths": {HOST: {"auth": auth}}} | more)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def user(credentials: ConfiguredCredentials) -> str:
    return (await credentials.get()).username


async def test_without_any_setting_one_is_nobody(caplog: pytest.LogCaptureFixture) -> None:
    assert (await ConfiguredCredentials(HOST, log=LOG).get()).anonymous
    assert not caplog.records


async def test_a_configured_name_goes_first(home: Path) -> None:
    write(home / ".docker/config.json", config("other"))
    credentials = ConfiguredCredentials(HOST, username="ada", password="pä:ss")

    assert await credentials.get() == Credential("ada", Secret("pä:ss"))


async def test_a_password_file_is_read_again_when_it_changes(tmp_path: Path, clock: Clock) -> None:
    file = write(tmp_path / "password", "pä:ss one \r\n")
    credentials = ConfiguredCredentials(HOST, username="ada", password_file=str(file), clock=clock)
    before = await credentials.get()
    write(file, "two\n")
    clock.now += 2

    assert before == Credential("ada", Secret("pä:ss one "))
    assert await credentials.get() == Credential("ada", Secret("two"))


async def test_files_are_not_looked_at_for_each_request(tmp_path: Path, clock: Clock) -> None:
    file = write(tmp_path / "password", "one")
    credentials = ConfiguredCredentials(HOST, username="ada", password_file=str(file), clock=clock)
    before = await credentials.get()
    file.unlink()

    assert await credentials.get() == before


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff", "no UTF-8"),
        (b"a" * (1 << 21), "too large"),
    ],
)
async def test_a_password_file_of_no_use_is_named(content: bytes | None, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(BadCredentials, match=f"{file}.*{problem}"):
        await ConfiguredCredentials(HOST, username="ada", password_file=str(file)).get()


@pytest.mark.parametrize(
    ("username", "password", "file"), [("ada", "", ""), ("", "pass", ""), ("", "", "file"), ("ada", "pass", "file")]
)
def test_settings_that_contradict_each_other_are_refused(username: str, password: str, file: str) -> None:
    with pytest.raises(BadCredentials, match="password"):
        ConfiguredCredentials(HOST, username=username, password=password, password_file=file)


async def test_a_named_file_is_the_only_one_that_is_read(home: Path, tmp_path: Path) -> None:
    write(home / ".docker/config.json", config("other"))
    named = write(tmp_path / ".dockerconfigjson", config("named"))

    assert await user(ConfiguredCredentials(HOST, docker_config=str(named))) == "named"
    assert await user(ConfiguredCredentials("else.example", docker_config=str(named))) == ""


@pytest.mark.parametrize(("text", "problem"), [(None, "No such file"), ("", "no JSON"), ('{"secret', "no JSON")])
async def test_a_named_file_of_no_use_is_an_error(text: str | None, problem: str, tmp_path: Path) -> None:
    """Case 18."""
    file = tmp_path / "config.json"
    if text is not None:
        write(file, text)

    with pytest.raises(BadCredentials, match=f"{file}.*{problem}") as caught:
        await ConfiguredCredentials(HOST, docker_config=str(file)).get()
    assert "secret" not in str(caught.value)


async def test_a_file_is_read_again_when_it_changes(tmp_path: Path, clock: Clock) -> None:
    file = write(tmp_path / "config.json", config("one"))
    credentials = ConfiguredCredentials(HOST, docker_config=str(file), clock=clock)
    before = await user(credentials)
    # As a mounted secret does: another file under the same name, of the same size.
    write(tmp_path / "new.json", config("two")).replace(file)
    clock.now += 2

    assert (before, await user(credentials)) == ("one", "two")


async def test_a_rejected_credential_is_looked_for_at_once(tmp_path: Path, clock: Clock) -> None:
    file = write(tmp_path / "config.json", config("one"))
    status = file.stat()
    credentials = ConfiguredCredentials(HOST, docker_config=str(file), clock=clock)
    before = await user(credentials)
    # Even though nothing about the file looks changed.
    write(file, config("two"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    credentials.rejected()

    assert (before, await user(credentials)) == ("one", "two")


async def test_the_usual_places_are_tried_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {
        "XDG_RUNTIME_DIR": write(tmp_path / "run/containers/auth.json", config("runtime")).parents[1],
        "REGISTRY_AUTH_FILE": write(tmp_path / "auth.json", config("podman")),
        "HOME": write(tmp_path / "person/.docker/config.json", config("home")).parents[1],
        "DOCKER_CONFIG": write(tmp_path / "docker/config.json", config("docker")).parent,
        "DOCKER_AUTH_CONFIG": config("variable"),
    }

    found = []
    for name, value in places.items():
        monkeypatch.setenv(name, str(value))
        found.append(await user(ConfiguredCredentials(HOST)))

    assert found == ["runtime", "podman", "home", "docker", "variable"]


async def test_a_place_that_says_nothing_of_the_registry_is_passed_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".docker/config.json", json.dumps({"auths": {"else.example": {"auth": "YTpi"}}}))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(write(tmp_path / "auth.json", config("podman"))))

    assert await user(ConfiguredCredentials(HOST)) == "podman"


async def test_a_usual_place_of_no_use_is_only_warned_about_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    """Case 18."""
    file = write(home / ".docker/config.json", "{")
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "secret")
    credentials = ConfiguredCredentials(HOST, log=LOG, clock=clock)
    for _ in range(3):
        assert (await credentials.get()).anonymous
        clock.now += 2

    assert [record.getMessage() for record in caplog.records] == [
        "DOCKER_AUTH_CONFIG is of no use: it is no JSON",
        f"The Docker configuration {file} is of no use: it is no JSON",
    ]


async def test_an_entry_that_makes_no_sense_is_warned_about_by_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Case 18."""
    file = write(tmp_path / "config.json", json.dumps({"auths": {HOST: {"auth": "c2VjcmV0"}}}))

    assert (await ConfiguredCredentials(HOST, docker_config=str(file), log=LOG).get()).anonymous
    assert f"The entry 'auths: {HOST}' of {file} makes no sense" in caplog.text
    assert "c2VjcmV0" not in caplog.text


@pytest.mark.served
async def test_a_helper_goes_before_an_entry_and_is_remembered(
    tmp_path: Path, helper: Callable[[str], int], clock: Clock
) -> None:
    """Case 17."""
    file = write(tmp_path / "config.json", config("entry", credsStore="test"))
    credentials = ConfiguredCredentials(HOST, docker_config=str(file), clock=clock)
    helper("one")
    first = await asyncio.gather(*(credentials.get() for _ in range(20)))
    runs = helper("two")
    clock.now += 299
    second = await credentials.get()
    clock.now += 2

    assert set(first) == {second} == {Credential("helped", Secret("one"))}
    assert runs == 1
    assert await credentials.get() == Credential("helped", Secret("two"))


@pytest.mark.served
async def test_a_helper_is_asked_again_after_a_rejection(tmp_path: Path, helper: Callable[[str], int]) -> None:
    """Case 17."""
    file = write(tmp_path / "config.json", json.dumps({"credHelpers": {HOST: "test"}}))
    credentials = ConfiguredCredentials(HOST, docker_config=str(file))
    helper("one")
    await credentials.get()
    helper("two")
    credentials.rejected()

    assert await credentials.get() == Credential("helped", Secret("two"))


@pytest.mark.served
async def test_an_entry_is_used_when_the_helper_has_nothing(tmp_path: Path, helper: Callable[[str], int]) -> None:
    """Case 17."""
    (tmp_path / "docker-credential-test").write_text("#!/bin/sh\necho credentials not found; exit 1\n")
    file = write(tmp_path / "config.json", config("entry", credsStore="test"))

    assert await user(ConfiguredCredentials(HOST, docker_config=str(file))) == "entry"


@pytest.mark.served
async def test_many_who_wait_for_a_broken_helper_hear_of_one_failure(
    tmp_path: Path, helper: Callable[[str], int], clock: Clock
) -> None:
    """Case 17."""
    program = tmp_path / "docker-credential-test"
    program.write_text('#!/bin/sh\necho . >> "$0.runs"; exit 3\n')
    file = write(tmp_path / "config.json", config("entry", credsStore="test"))
    credentials = ConfiguredCredentials(HOST, docker_config=str(file), clock=clock)

    failures = await asyncio.gather(*(credentials.get() for _ in range(20)), return_exceptions=True)

    assert {str(failure) for failure in failures} == {
        "The credential helper docker-credential-test failed with status 3"
    }
    assert helper("") == 1


def test_who_pushes_gets_this_registrys_entry_only() -> None:
    written = json.loads(push_config(HOST, Credential("ada", Secret("pass"))))

    assert written == {"auths": {HOST: {"auth": base64.b64encode(b"ada:pass").decode()}}}
