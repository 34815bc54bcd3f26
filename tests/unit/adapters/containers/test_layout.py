"""What a builder leaves for its pusher is taken for a stranger's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.builders.containers.in_container import layout
from repo2docker_service.adapters.builders.containers.in_container.layout import TRIGGERS, Image, NoImage

KIND = "application/vnd.oci.image.layer.v1.tar+gzip"
NONE = "sha256:" + "0" * 64


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Give the folder in which a builder leaves its image."""
    (tmp_path / "left").mkdir()
    return tmp_path / "left"


def take(left: Path) -> Image:
    return layout.take(str(left.parent / "taken"), str(left))


def put(folder: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs" / "sha256" / digest).write_bytes(content)
    return f"sha256:{digest}"


def written(folder: Path, config: dict[str, Any] | None = None, **layer: Any) -> str:
    """Write an image, and give the digest of its only layer."""
    digest = put(folder, b"a layer")
    described = put(folder, json.dumps({"config": {"Env": ["PATH=/bin"]}} if config is None else config).encode())
    only = {"digest": digest, "size": 7, "mediaType": KIND} | layer
    manifest = put(folder, json.dumps({"config": {"digest": described}, "layers": [only]}).encode())
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": manifest}]}))
    return digest


def test_an_image_tells_its_layers_and_what_it_starts_with(left: Path) -> None:
    digest = written(left)

    found = take(left)

    assert (found.layers, found.config) == ({digest: 7}, {"Env": ["PATH=/bin"]})


def test_what_is_sent_is_of_the_pushers_own_writing_but_for_the_layers(left: Path) -> None:
    digest = written(left)

    found = take(left)

    (entry,) = json.loads(Path(found.folder, "index.json").read_text())["manifests"]
    blobs = Path(found.folder, "blobs", "sha256")
    manifest = json.loads((blobs / entry["digest"].partition(":")[2]).read_text())
    assert entry["digest"] == found.digest
    assert manifest["layers"] == [{"digest": digest, "size": 7, "mediaType": KIND}]
    assert (blobs / digest.partition(":")[2]).read_bytes() == b"a layer"
    assert json.loads((blobs / manifest["config"]["digest"].partition(":")[2]).read_text()) == {"config": found.config}


def test_what_builds_upon_it_would_do_is_left_away_and_told(left: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(left, {"config": {"Cmd": ["sh"], "OnBuild": ["COPY --from=private /secret /"], "Unknown": 1}})

    assert take(left).config == {"Cmd": ["sh"]}
    assert capsys.readouterr().out == f"{TRIGGERS}\n"


def test_an_image_without_settings_is_one(left: Path) -> None:
    written(left, config={"config": None})

    assert take(left).config == {}


@pytest.mark.parametrize(
    "index",
    [
        "",
        "{}",
        "[]",
        '{"manifests": []}',
        '{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}',
        f'{{"manifests": [{{"digest": "{NONE}"}}]}}',
        f'{{"manifests": [{{"digest": "{NONE}"}}, {{"digest": "{NONE}"}}]}}',
        '{"manifests": [{"digest": 7}]}',
    ],
)
def test_what_is_no_image_is_refused(left: Path, index: str) -> None:
    written(left)
    (left / "index.json").write_text(index)

    with pytest.raises(NoImage):
        take(left)


@pytest.mark.parametrize(
    "layer",
    [
        {"digest": NONE},
        {"digest": "sha256:../../../../../run/secret/config.json"},
        {"size": 8},
        {"size": float("inf")},
        {"size": "7"},
        {"mediaType": "application/vnd.in-toto+json"},
        {"mediaType": 7},
    ],
)
def test_a_layer_is_what_the_image_says_of_it(left: Path, layer: dict[str, Any]) -> None:
    written(left, **layer)

    with pytest.raises(NoImage):
        take(left)


def test_a_layer_is_no_link_to_what_only_the_pusher_may_read(left: Path) -> None:
    digest = written(left)
    place = left / "blobs" / "sha256" / digest.partition(":")[2]
    place.unlink()
    place.symlink_to("/etc/hostname")

    with pytest.raises(NoImage, match="not what the image says"):
        take(left)


@pytest.mark.parametrize("name", ["blobs", "blobs/sha256"])
def test_folders_are_no_links_either(left: Path, name: str) -> None:
    written(left)
    (left / name).rename(left / "elsewhere")
    (left / name).symlink_to(left / "elsewhere")

    with pytest.raises(NoImage, match="a folder that is none"):
        take(left)


def test_a_folder_without_anything_has_none(left: Path) -> None:
    with pytest.raises(NoImage):
        take(left)


def test_content_must_be_what_its_name_says(left: Path) -> None:
    written(left)
    manifest = json.loads((left / "index.json").read_text())["manifests"][0]["digest"]
    (left / "blobs" / "sha256" / manifest.partition(":")[2]).write_text('{"layers": []}')

    with pytest.raises(NoImage, match="another digest"):
        take(left)


def test_links_lead_nowhere(left: Path) -> None:
    written(left)
    (left / "index.json").rename(left / "other")
    (left / "index.json").symlink_to(left / "other")

    with pytest.raises(NoImage):
        take(left)


def test_nobody_waits_for_a_pipe_or_reads_without_end(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(left)
    (left / "index.json").rename(left / "kept")
    os.mkfifo(left / "index.json")
    with pytest.raises(NoImage):
        take(left)

    (left / "kept").replace(left / "index.json")
    monkeypatch.setattr(layout, "LONGEST", 10)
    with pytest.raises(NoImage, match="too long"):
        take(left)
