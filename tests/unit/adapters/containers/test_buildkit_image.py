"""What is asked of buildx about an image that BuildKit has made, and what its answers stand for."""

from __future__ import annotations

import io
import json
import os
import signal
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.containers.in_container.buildkit_image import BuildkitImage
from repo2docker_service.adapters.builders.containers.in_container.buildkit_push import verdict
from repo2docker_service.adapters.builders.containers.in_container.guard import CANCEL, Ended
from repo2docker_service.adapters.builders.containers.in_container.layout import Image
from repo2docker_service.adapters.builders.containers.in_container.looking import FOUND, MISSING

LAYER = "sha256:" + "1" * 64
NOT_THERE = """sed -n 's/.*\\["\\(.*\\)", .*/ERROR: failed to solve: "\\1": not found/p' "$last" >&2; exit 1"""


class Buildx:
    """A program that is called docker, notes what it is asked, and answers as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "docker"

    def answers(self, script: str) -> None:
        noted = (
            f'for last in "$@"; do :; done; last=$last/Dockerfile; cp {self.folder}/config.json {self.folder}/opened\n'
            f'echo "$@" >> {self.folder}/asked; cat "$last" >> {self.folder}/asked\n'
        )
        self.program.write_text(f"#!/bin/sh\n{noted}{script}\n")
        self.program.chmod(0o755)

    @property
    def asked(self) -> str:
        return (self.folder / "asked").read_text()

    def image(self, path: str = "/srv/bin:/bin") -> BuildkitImage:
        image = Image("/run/image", "sha256:" + "2" * 64, {LAYER: 7}, {"Env": [f"PATH={path}"]})
        env = {"PATH": f"{self.folder}:/usr/bin:/bin"}
        return BuildkitImage(image, str(self.folder), env, {"auths": {"registry": {"auth": "c2VjcmV0"}}})


@pytest.fixture
def buildx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Buildx:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Buildx(tmp_path)


def archive(folder: Path, mode: int, kind: bytes = tarfile.REGTYPE, name: str = "found") -> Path:
    """Write what buildx gives of a file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.mode, entry.type = mode, kind
        tar.addfile(entry)
    (folder / "files.tar").write_bytes(content.getvalue())
    return folder / "files.tar"


@pytest.mark.parametrize(
    ("mode", "kind", "there"),
    [
        (0o755, tarfile.REGTYPE, True),
        (0o010, tarfile.REGTYPE, True),
        (0o644, tarfile.REGTYPE, False),
        (0o755, tarfile.DIRTYPE, False),
    ],
)
def test_a_program_is_a_file_that_somebody_may_run(buildx: Buildx, mode: int, kind: bytes, there: bool) -> None:
    buildx.answers(f"cat {archive(buildx.folder, mode, kind)}")

    assert buildx.image().has_program() is there


def test_a_folder_of_that_name_with_programs_in_it_is_none(buildx: Buildx) -> None:
    buildx.answers(f"cat {archive(buildx.folder, 0o755, name='found/other')}")

    assert not buildx.image().has_program()


def test_every_folder_of_the_path_is_looked_at_until_it_is_found(buildx: Buildx) -> None:
    files = archive(buildx.folder, 0o755)
    buildx.answers(f"grep -q '\"/bin/' $last && exec cat {files}; {NOT_THERE}")

    assert buildx.image().has_program()
    assert buildx.asked.count('COPY --from=image ["/srv/bin/jupyterhub-singleuser", "/found"]') == 1
    assert buildx.asked.count('COPY --from=image ["/bin/jupyterhub-singleuser", "/found"]') == 1


def test_folders_that_a_dockerfile_would_read_more_into_are_not_asked_for_and_leave_it_open(buildx: Buildx) -> None:
    buildx.answers(NOT_THERE)

    with pytest.raises(RuntimeError, match="cannot be asked for"):
        buildx.image("/a*:/$HOME:/new\nline:/[a]:relative:/x y").has_program()
    assert buildx.asked.count("COPY") == 1
    assert '["/x y/jupyterhub-singleuser", "/found"]' in buildx.asked


def test_the_end_of_a_large_program_is_not_waited_for(buildx: Buildx) -> None:
    buildx.answers(f"head -c 512 {archive(buildx.folder, 0o755)}; head -c 20000 /dev/zero; exec sleep 60")

    assert buildx.image().has_program()


def test_the_verdict_is_a_label_and_a_line(buildx: Buildx, capsys: pytest.CaptureFixture[str]) -> None:
    plan = {"launchable_label": "launchable"}
    buildx.answers(f"cat {archive(buildx.folder, 0o755)}")
    assert verdict(plan, buildx.image()) == {"launchable": "yes"}
    buildx.answers(NOT_THERE)
    assert verdict(plan, buildx.image()) == {"launchable": "no"}
    assert capsys.readouterr().out == f"{FOUND}\n{MISSING}\n"


def test_a_buildkit_that_cannot_tell_is_no_verdict(buildx: Buildx, capsys: pytest.CaptureFixture[str]) -> None:
    buildx.answers("echo 'ERROR: it is tired' >&2; exit 1")

    assert verdict({"launchable_label": "launchable"}, buildx.image()) == {}
    assert "ERROR: it is tired" in capsys.readouterr().out


def test_a_layer_that_is_missing_is_no_missing_program(buildx: Buildx) -> None:
    buildx.answers("echo 'ERROR: failed to solve: blob sha256:abc: not found' >&2; exit 1")

    with pytest.raises(RuntimeError, match="blob sha256:abc"):
        buildx.image().has_program()


def test_a_look_that_takes_too_long_is_no_verdict(buildx: Buildx, capsys: pytest.CaptureFixture[str]) -> None:
    buildx.answers("exec sleep 60")

    assert verdict({"launchable_label": "launchable"}, buildx.image(), patience=0.2) == {}
    assert "took longer" in capsys.readouterr().out


def test_a_look_is_stopped_by_a_signal(buildx: Buildx) -> None:
    buildx.answers("exec sleep 60")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {CANCEL})
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), CANCEL)).start()
        with pytest.raises(Ended) as ended:
            verdict({"launchable_label": "launchable"}, buildx.image())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert ended.value.code == codes.CANCELLED


def test_only_who_sends_has_what_opens_the_registry(buildx: Buildx) -> None:
    image = buildx.image()
    buildx.answers(NOT_THERE)
    image.has_program()
    assert not (buildx.folder / "opened").exists()

    buildx.answers("exit 1")
    with pytest.raises(ConnectionError):
        sent(image)
    assert "c2VjcmV0" in (buildx.folder / "opened").read_text()
    image.close()
    assert not buildx.folder.exists()


def sent(image: BuildkitImage) -> list[dict[str, Any]]:
    return list(image.push("registry/name", "tag", ""))


def test_what_was_sent_is_told_with_its_digest(buildx: Buildx) -> None:
    told = json.dumps({"containerimage.digest": "sha256:abc"})
    buildx.answers(f"echo '#5 pushing manifest for registry/name:tag'; echo '{told}' > {buildx.folder}/sent.json")
    image = buildx.image()
    image.labels = {"launchable": "yes"}

    waiting, pushed, digest = sent(image)

    assert (waiting["status"], pushed["status"]) == ("Waiting", "Pushed")
    assert pushed["progressDetail"]["total"] == 7
    assert digest == {"aux": {"Digest": "sha256:abc"}}
    assert "--output type=image,name=registry/name:tag,push=true,store=false --label=launchable=yes" in buildx.asked


def test_what_was_refused_is_told_in_the_registrys_words(buildx: Buildx) -> None:
    buildx.answers("echo '#5 ERROR: x'; echo 'ERROR: failed to solve: failed to push a:b: 401 Unauthorized'; exit 1")

    assert sent(buildx.image())[1:] == [{"error": "failed to push a:b: 401 Unauthorized"}]


def test_what_buildkit_could_not_do_is_not_the_registrys_fault(buildx: Buildx) -> None:
    buildx.answers("echo 'ERROR: failed to solve: context deadline exceeded'; exit 1")

    with pytest.raises(ConnectionError, match="context deadline exceeded"):
        sent(buildx.image())
