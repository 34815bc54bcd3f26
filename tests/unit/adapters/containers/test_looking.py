"""Whether a hub can start an image is seen by its files, and written on it."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.unit.adapters.docker.image_engine import (
    FINAL,
    FOLDER,
    LABEL,
    LINK,
    LOOK,
    NEW,
    PIPE,
    PLAN,
    PROGRAM,
    TEMPORARY,
    File,
    ImageEngine,
)

from repo2docker_service.adapters.builders.containers.in_container import looking
from repo2docker_service.adapters.builders.containers.in_container.looking import FOUND, MISSING, Look

CREATE = f"POST /containers/create?name={LOOK}"
COMMIT = "POST /commit?container=c1&repo=localhost/r2d/a&tag=1"
ELSEWHERE = "/srv/tool"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ImageEngine]:
    with ImageEngine(str(tmp_path / "engine")).listening() as engine:
        yield engine


def verdict(engine: ImageEngine) -> str:
    """Look, and give what was written on the image."""
    assert Look(engine.path, PLAN).name_with_verdict()
    written: str = engine.given[COMMIT]["Labels"][LABEL]
    return written


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({PROGRAM: File()}, "yes"),
        ({PROGRAM: File(0o501)}, "yes"),
        ({PROGRAM: File(LINK | 0o777, ELSEWHERE), ELSEWHERE: File(0o711)}, "yes"),
        ({}, "no"),
        ({PROGRAM: File(0o644)}, "no"),
        ({PROGRAM: File(LINK | 0o777, ELSEWHERE)}, "no"),
        ({PROGRAM: File(LINK | 0o777, ELSEWHERE), ELSEWHERE: File(FOLDER | 0o755)}, "no"),
        ({PROGRAM: File(LINK | 0o777, ELSEWHERE), ELSEWHERE: File(0o600)}, "no"),
        ({PROGRAM: File(FOLDER | 0o755)}, "no"),
        ({PROGRAM: File(PIPE | 0o755)}, "no"),
        ({"/srv/jupyterhub-singleuser": File()}, "no"),
    ],
    ids=[
        "a program",
        "one for some people",
        "a link to one",
        "nothing",
        "a plain file",
        "a link to nothing",
        "a link to a folder",
        "a link to a plain file",
        "a folder",
        "a pipe",
        "a program not on the path",
    ],
)
def test_an_image_is_launchable_when_the_program_is_on_its_path(
    engine: ImageEngine, files: dict[str, File], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.files = files

    assert verdict(engine) == expected
    assert capsys.readouterr().out == f"{FOUND if expected == 'yes' else MISSING}\n"
    assert engine.names == {TEMPORARY: NEW, FINAL: "sha256:made"}


def test_what_is_no_program_does_not_hide_one_further_on(engine: ImageEngine) -> None:
    engine.files = {"/usr/bin/jupyterhub-singleuser": File(0o644), PROGRAM: File()}

    assert verdict(engine) == "yes"


@pytest.mark.parametrize(
    ("environment", "folders"),
    [
        (["A=b", "PATH=/a:/b/../c/:/a"], ["/a", "/c"]),
        (["PATH=/a", "PATH=/b"], ["/b"]),
        (["PATH=:bin:../bin://a"], ["/a"]),
        (["PATH="], []),
        (["PATHS=/a"], looking.USUAL_PATH.split(":")),
        (None, looking.USUAL_PATH.split(":")),
        ([f"PATH={':'.join(f'/{number}' for number in range(1000))}"], [f"/{number}" for number in range(100)]),
    ],
    ids=["each once", "the last", "absolute", "empty", "none", "no environment", "not for ever"],
)
def test_the_folders_of_the_path_are_looked_at(
    engine: ImageEngine, environment: list[str] | None, folders: list[str]
) -> None:
    engine.config["Env"] = environment

    assert verdict(engine) == "no"
    assert engine.looked_at == [f"{folder}/jupyterhub-singleuser" for folder in folders]


def test_the_image_keeps_its_settings_and_gets_one_label(engine: ImageEngine) -> None:
    engine.config |= {"Entrypoint": ["/start"], "OnBuild": ["RUN true"], "Labels": {"a": "b", LABEL: "yes"}}

    assert verdict(engine) == "no"
    assert engine.given[COMMIT] == {**engine.config, "Labels": {"a": "b", LABEL: "no"}}


def test_an_image_without_entrypoint_does_not_get_that_of_the_container(engine: ImageEngine) -> None:
    engine.config["Entrypoint"] = None

    verdict(engine)

    assert engine.given[COMMIT]["Entrypoint"] == []


def test_the_container_could_do_nothing_if_it_were_started_and_is_removed(engine: ImageEngine) -> None:
    engine.config["Volumes"] = {"/data/": {}, "/data": {}, "//home/../srv": {}}

    verdict(engine)

    tmpfs = [{"Type": "tmpfs", "Target": folder} for folder in ("/data", "/srv")]
    assert engine.given[CREATE] == {
        "Image": NEW,
        "Entrypoint": [looking.NEVER_RUN],
        "HostConfig": {"NetworkMode": "none", "Mounts": tmpfs},
    }
    assert engine.changes == [CREATE, COMMIT, "DELETE /containers/c1?v=1"]


def test_a_container_that_cannot_be_removed_does_not_spoil_what_was_seen(engine: ImageEngine) -> None:
    engine.fails = {"DELETE /containers": HTTPStatus.INTERNAL_SERVER_ERROR}

    assert verdict(engine) == "no"


def test_nothing_is_removed_that_somebody_else_gave_this_name(engine: ImageEngine) -> None:
    engine.fails = {"POST /containers": HTTPStatus.CONFLICT}

    assert not Look(engine.path, PLAN).name_with_verdict()
    assert engine.changes == [CREATE]


@pytest.mark.parametrize("told", [None, {}, {"Env": 5}], ids=["nothing", "no path", "nonsense"])
def test_an_engine_that_tells_odd_things_of_an_image_fails_nothing(engine: ImageEngine, told: object) -> None:
    engine.config = told  # type: ignore[assignment]  # this is what a broken engine may say

    assert Look(engine.path, PLAN).name_with_verdict() is (told == {})
