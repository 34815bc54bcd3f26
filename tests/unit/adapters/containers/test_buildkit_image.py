"""What is asked of buildx about an image that BuildKit has made, and what its answers stand for."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.builders.containers.in_container.buildkit_image import BuildkitImage, verdict
from repo2docker_service.adapters.builders.containers.in_container.layout import Image
from repo2docker_service.adapters.builders.containers.in_container.looking import FOUND, MISSING

LAYER = "sha256:" + "1" * 64
NOT_THERE = 'ERROR: failed to solve: failed to compute cache key: "/bin/jupyterhub-singleuser": not found'


class Buildx:
    """A program that is called docker, notes what it is asked, and answers as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "docker"

    def answers(self, script: str) -> None:
        noted = f'echo "$@" >> {self.folder}/asked; cat "$(eval echo \\${{$#}})/Dockerfile" >> {self.folder}/asked\n'
        self.program.write_text(f"#!/bin/sh\n{noted}{script}\n")
        self.program.chmod(0o755)

    @property
    def asked(self) -> str:
        return (self.folder / "asked").read_text()

    def image(self, path: str = "/srv/bin:/bin") -> BuildkitImage:
        image = Image("/run/image", "sha256:" + "2" * 64, {LAYER: 7}, {"Env": [f"PATH={path}"]})
        return BuildkitImage(image, str(self.folder), {"PATH": f"{self.folder}:/usr/bin:/bin"})


@pytest.fixture
def buildx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Buildx:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Buildx(tmp_path)


def archive(folder: Path, mode: int, kind: bytes = tarfile.REGTYPE) -> Path:
    """Write what buildx gives of a file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        entry = tarfile.TarInfo("found/jupyterhub-singleuser")
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


def test_every_folder_of_the_path_is_looked_at_until_it_is_found(buildx: Buildx) -> None:
    files = archive(buildx.folder, 0o755)
    buildx.answers(f"if grep -q '\"/bin/' {buildx.folder}/asked; then cat {files}; else echo '{NOT_THERE}' >&2; fi")

    assert buildx.image().has_program()
    assert buildx.asked.count('COPY --from=image ["/srv/bin/jupyterhub-singleuser", "/found/"]') == 1
    assert buildx.asked.count('COPY --from=image ["/bin/jupyterhub-singleuser", "/found/"]') == 1


def test_folders_that_a_dockerfile_would_read_as_more_than_a_name_are_not_asked_for(buildx: Buildx) -> None:
    buildx.answers(f"echo '{NOT_THERE}' >&2; exit 1")

    assert not buildx.image("/a*:/$HOME:/x y:/new\nline:/[a]:relative:/bin").has_program()
    assert buildx.asked.count("COPY") == 1


def test_the_end_of_a_large_program_is_not_waited_for(buildx: Buildx) -> None:
    buildx.answers(f"head -c 512 {archive(buildx.folder, 0o755)}; exec sleep 60")

    assert buildx.image().has_program()


def test_the_verdict_is_a_label_and_a_line(buildx: Buildx, capsys: pytest.CaptureFixture[str]) -> None:
    plan = {"launchable_label": "launchable"}
    buildx.answers(f"cat {archive(buildx.folder, 0o755)}")
    assert verdict(plan, buildx.image()) == {"launchable": "yes"}
    buildx.answers(f"echo '{NOT_THERE}' >&2; exit 1")
    assert verdict(plan, buildx.image()) == {"launchable": "no"}
    assert capsys.readouterr().out == f"{FOUND}\n{MISSING}\n"


def test_a_buildkit_that_cannot_tell_is_no_verdict(buildx: Buildx, capsys: pytest.CaptureFixture[str]) -> None:
    buildx.answers("echo 'ERROR: it is tired' >&2; exit 1")

    assert verdict({"launchable_label": "launchable"}, buildx.image()) == {}
    assert "ERROR: it is tired" in capsys.readouterr().out


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
    assert "--output type=image,name=registry/name:tag,push=true --label=launchable=yes" in buildx.asked


def test_what_was_refused_is_told_in_the_registrys_words(buildx: Buildx) -> None:
    buildx.answers("echo '#5 ERROR: x'; echo 'ERROR: failed to solve: failed to push: 401 Unauthorized'; exit 1")

    assert sent(buildx.image())[1:] == [{"error": "failed to push: 401 Unauthorized"}]
