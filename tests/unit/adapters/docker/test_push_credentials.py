"""Credentials in a container are read once, and cannot be left behind in it."""

import base64
import io
import json
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container import codes, launcher
from repo2docker_service.adapters.builders.containers.in_container.credentials import FILE, SEALED, authorization, take
from repo2docker_service.adapters.builders.docker.containers import secret_files

CONFIG = {"auths": {"registry.test": {"auth": base64.b64encode("ada:pass:wörd".encode()).decode()}}}


def put(folder: Path, config: object = CONFIG) -> None:
    """Do what the engine does with the archive that the service sends."""
    with tarfile.open(fileobj=io.BytesIO(secret_files({FILE: json.dumps(config).encode()}))) as packed:
        packed.extractall(folder, filter="fully_trusted")


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Give back the signals that a launcher blocks for its process: later tests wait for theirs."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.fixture
def r2d(tmp_path: Path) -> Path:
    (tmp_path / "r2d").mkdir()
    return tmp_path / "r2d"


def test_only_root_can_read_them_before_they_are_taken(r2d: Path) -> None:
    put(r2d.parent)

    assert oct((r2d / "credentials" / "config.json").stat().st_mode & 0o777) == "0o600"


def test_they_are_read_and_nothing_of_them_stays(r2d: Path) -> None:
    put(r2d.parent)

    assert take(str(r2d)) == CONFIG
    assert everything_in(r2d) == b""
    assert take(str(r2d)) == {}


def test_what_was_sealed_beside_them_does_not_stay_either(r2d: Path) -> None:
    put(r2d.parent)
    (r2d / "credentials" / SEALED).write_text("sealed")

    assert take(str(r2d)) == CONFIG
    assert everything_in(r2d) == b""


def test_nobody_who_comes_late_can_leave_them_behind(r2d: Path) -> None:
    put(r2d.parent)
    take(str(r2d))

    with pytest.raises(OSError):  # noqa: PT011 - which one is the file system's business
        put(r2d.parent)
    assert everything_in(r2d) == b""


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"], ids=["empty", "cut", "a list", "no text"])
def test_what_is_no_configuration_is_none_and_is_removed_too(r2d: Path, content: bytes) -> None:
    (r2d / "credentials").mkdir()
    (r2d / "credentials" / "config.json").write_bytes(content)

    assert take(str(r2d)) == {}
    assert everything_in(r2d) == b""


@pytest.mark.parametrize("command", ["build", "push"])
def test_a_container_that_was_cancelled_before_it_began_removes_them_too(r2d: Path, command: str) -> None:
    put(r2d.parent)
    (r2d / "cancelled").touch()

    assert launcher.main([command], str(r2d), "no socket") == codes.CANCELLED
    assert b"auths" not in everything_in(r2d)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (CONFIG["auths"]["registry.test"], {"username": "ada", "password": "pass:wörd"}),
        ({"username": "ada", "password": "x"}, {"username": "ada", "password": "x"}),
        ({"identitytoken": "t"}, {"identitytoken": "t"}),
        ({"registrytoken": "t"}, {"registrytoken": "t"}),
    ],
    ids=["auth", "name and password", "identity token", "registry token"],
)
def test_the_engine_is_told_who_pushes(entry: object, expected: dict[str, str]) -> None:
    header = authorization({"auths": {"registry.test": entry}}, "registry.test")

    assert json.loads(base64.urlsafe_b64decode(header)) == {**expected, "serveraddress": "registry.test"}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"auths": {}},
        CONFIG | {"auths": {"other.test": {"auth": "YTpi"}}},
        {"auths": {"registry.test": {"auth": "%"}}},
    ],
    ids=["none", "empty", "of another registry", "not base64"],
)
def test_without_credentials_for_this_registry_nobody_is_named(config: dict[str, object]) -> None:
    assert json.loads(base64.urlsafe_b64decode(authorization(config, "registry.test"))) == {}
