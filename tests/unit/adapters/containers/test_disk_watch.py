"""A disk that was full when a build failed is taken for the reason."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container.disk import NO_FILES, NO_SPACE, RECENTLY, DiskWatch
from repo2docker_service.adapters.builders.docker.disk import free_of

BLOCK = 4096
MANY = 1 << 20


def told(free: int = MANY, files: int = MANY, files_free: int = MANY) -> os.statvfs_result:
    """Give what a system tells of a disk of so many blocks."""
    return os.statvfs_result((BLOCK, BLOCK, MANY, free, free, files, files_free, files_free, 0, 255))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that stands still until it is set."""
    seconds = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def watch(monkeypatch: pytest.MonkeyPatch, *found: os.statvfs_result) -> DiskWatch:
    """Look at a disk of which this is told, one after the other."""
    answers = iter(found)
    monkeypatch.setattr(os, "statvfs", lambda _: next(answers))
    watched = DiskWatch()
    for _ in found:
        watched.look()
    return watched


@pytest.mark.parametrize(
    ("found", "full"),
    [
        (told(), False),
        (told(free=NO_SPACE // BLOCK), False),
        (told(free=NO_SPACE // BLOCK - 1), True),
        (told(files_free=NO_FILES), False),
        (told(files_free=NO_FILES - 1), True),
        (told(files=0, files_free=0), False),
    ],
)
def test_a_disk_is_full_without_bytes_or_without_files(
    monkeypatch: pytest.MonkeyPatch, found: os.statvfs_result, full: bool
) -> None:
    assert watch(monkeypatch, found).was_full is full


def test_a_disk_that_was_full_for_a_moment_is_remembered_and_then_forgotten(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    watched = watch(monkeypatch, told(free=0), told())

    assert watched.was_full
    clock[0] += RECENTLY
    assert not watched.was_full


def test_the_disk_here_can_be_looked_at(tmp_path: Path) -> None:
    watched = DiskWatch(str(tmp_path))
    watched.look()

    assert not watched.was_full


@pytest.mark.parametrize(
    ("found", "blocks"),
    [
        (told(free=MANY // 2), MANY // 2),
        (told(free=MANY // 2, files_free=MANY // 4), MANY // 4),
        (told(files_free=0), 0),
        (told(free=MANY // 2, files=0, files_free=0), MANY // 2),
    ],
)
def test_what_is_free_is_what_is_scarcer_of_bytes_and_files(found: os.statvfs_result, blocks: int) -> None:
    assert free_of(found) == blocks * BLOCK
