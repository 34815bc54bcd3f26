"""A disk that is small enough to be filled."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import PartMissing
from .packages import program, require

PIECES = (1 << 26, 1 << 20, 1 << 12)


@contextmanager
def small_disk(folder: Path, size: int, files: int) -> Iterator[None]:
    """Put a disk of so many bytes, for so many files, into an empty folder; what it holds goes with it.

    Raises:
        PartMissing: this machine does not let us.
    """
    require("mkfs.ext4")
    image = folder.with_name(f"{folder.name}.disk")
    with image.open("wb") as file:
        file.truncate(size)
    try:
        _run("mkfs.ext4", "-q", "-N", str(files), str(image))
        _run("mount", "-o", "loop", str(image), str(folder))
        try:
            yield
        finally:
            # With what an engine has left mounted in it, and whoever still looks at it.
            _run("umount", "--recursive", "--lazy", str(folder))
    finally:
        image.unlink()


def _run(name: str, *words: str) -> None:
    done = subprocess.run([program(name) or name, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        problem = done.stderr.strip()
        raise PartMissing(f"A small disk needs the right to do this: {name} {' '.join(words)}. It says: {problem}")


@contextmanager
def no_space(folder: Path) -> Iterator[None]:
    """Leave no byte of a disk, for a while."""
    filler = folder / "filler"
    try:
        with filler.open("wb") as file:
            for piece in PIECES:
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), piece)
        yield
    finally:
        filler.unlink()


@contextmanager
def no_files(folder: Path) -> Iterator[None]:
    """Let nobody make a file on a disk, for a while."""
    filler = folder / "filler"
    filler.mkdir()
    try:
        with contextlib.suppress(OSError):
            for place in range(os.statvfs(folder).f_files):
                (filler / str(place)).touch()
        yield
    finally:
        for file in filler.iterdir():
            file.unlink()
        filler.rmdir()
