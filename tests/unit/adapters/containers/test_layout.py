"""What a builder leaves for its pusher is taken for a stranger's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.builders.containers.in_container import layout
from repo2docker_service.adapters.builders.containers.in_container.layout import NoImage, read

LAYER = "sha256:" + "0" * 64


def put(folder: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs" / "sha256" / digest).write_bytes(content)
    return f"sha256:{digest}"


def written(folder: Path, manifest: dict[str, Any] | None = None, config: dict[str, Any] | None = None) -> str:
    """Write an image, and give its digest."""
    described = put(folder, json.dumps({"config": {"Env": ["PATH=/bin"]}} if config is None else config).encode())
    whole = {"config": {"digest": described}, "layers": [{"digest": LAYER, "size": 7}]} | (manifest or {})
    digest = put(folder, json.dumps(whole).encode())
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": digest}]}))
    return digest


def test_an_image_tells_its_layers_and_what_it_starts_with(tmp_path: Path) -> None:
    digest = written(tmp_path)

    found = read(str(tmp_path))

    assert (found.digest, found.layers, found.config) == (digest, {LAYER: 7}, {"Env": ["PATH=/bin"]})


def test_an_image_without_settings_is_one(tmp_path: Path) -> None:
    written(tmp_path, config={"config": None})

    assert read(str(tmp_path)).config == {}


@pytest.mark.parametrize(
    "index",
    [
        "",
        "{}",
        "[]",
        '{"manifests": []}',
        '{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}',
        f'{{"manifests": [{{"digest": "{LAYER}"}}]}}',
        f'{{"manifests": [{{"digest": "{LAYER}"}}, {{"digest": "{LAYER}"}}]}}',
        '{"manifests": [{"digest": 7}]}',
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, index: str) -> None:
    written(tmp_path)
    (tmp_path / "index.json").write_text(index)

    with pytest.raises(NoImage):
        read(str(tmp_path))


def test_a_folder_without_anything_has_none(tmp_path: Path) -> None:
    with pytest.raises(NoImage):
        read(str(tmp_path))


def test_content_must_be_what_its_name_says(tmp_path: Path) -> None:
    digest = written(tmp_path)
    (tmp_path / "blobs" / "sha256" / digest.partition(":")[2]).write_text('{"layers": []}')

    with pytest.raises(NoImage, match="another digest"):
        read(str(tmp_path))


def test_links_lead_nowhere(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "index.json").rename(tmp_path / "other")
    (tmp_path / "index.json").symlink_to(tmp_path / "other")

    with pytest.raises(NoImage):
        read(str(tmp_path))


def test_nobody_waits_for_a_pipe_or_reads_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "index.json")
    with pytest.raises(NoImage):
        read(str(tmp_path))

    (tmp_path / "index.json").unlink()
    written(tmp_path)
    monkeypatch.setattr(layout, "LONGEST", 10)
    with pytest.raises(NoImage, match="too long"):
        read(str(tmp_path))
