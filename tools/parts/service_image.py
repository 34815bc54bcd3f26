"""The service's own image, built by its Dockerfile, without a registry of images or an index of packages.

What pip installs is fetched in a container that sees this machine's settings, and kept in the cache folder: the build
gets the files and needs no network. Where base images can be pulled, it is built as everybody else builds it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

from . import image_recipe, image_store, pip_settings, repo2docker_image
from .cache import alone, cache_folder
from .containers import ContainerFailed, container, image_comment
from .docker_api import DockerApi
from .errors import PartMissing
from .progress import say, step

NAME = "repo2docker-service/service:test"
ROOT = Path(__file__).parents[2]
FETCH = """
set -e
python3 -m venv /tmp/pip
/tmp/pip/bin/pip wheel --no-color --no-cache-dir --progress-bar off --wheel-dir /fetched/wheels \
  --constraint /fetched/constraints.txt {dependencies}
"""


def build(engine_url: str) -> str:
    """Build the image of this checkout and give its name; what did not change is taken from the engine's cache.

    Raises:
        PartMissing: what it is made of cannot be had here.
    """
    base = repo2docker_image.ensure(engine_url)
    api = DockerApi(engine_url)
    arguments: dict[str, str] = {}
    fetched = None
    if (image_comment(api, base) or "").startswith(image_recipe.PREFIX):
        arguments = {"BASE": base, "PIP_NO_INDEX": "1"}
        fetched = wheels(api, base)
    with tempfile.TemporaryDirectory() as folder, step("Building the image of the service"):
        image_store.build(api, NAME, arguments, _context(fetched, wheel(Path(folder))))
    return NAME


def wheel(folder: Path) -> Path:
    """Make the wheel of this checkout in a folder, without a page where none is built."""
    built = (ROOT / "frontend" / "dist" / "index.html").is_file()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    environment = os.environ | {"R2D_SKIP_PAGE": "" if built else "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=folder)
    return next(folder.glob("*.whl"))


def wheels(api: DockerApi, base: str) -> Path:
    """Give a tar of the folder ``wheels``, with everything that the service depends on, as this base can use it.

    Raises:
        PartMissing: pip reaches no index.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    dependencies = [*project["dependencies"], *project["optional-dependencies"]["kubernetes"]]
    constraints = (ROOT / "constraints.txt").read_text()
    mark = image_recipe.mark(image_comment(api, base) or "", FETCH, constraints, *dependencies)
    kept = cache_folder() / f"service-wheels-{mark}.tar"
    with alone("service-wheels"):
        if not kept.exists():
            for old in cache_folder().glob("service-wheels-*.tar*"):
                old.unlink()
            _fetch(api, base, dependencies, kept)
    return kept


def _fetch(api: DockerApi, base: str, dependencies: Iterable[str], target: Path) -> None:
    settings = pip_settings.environment()
    command = FETCH.format(dependencies=" ".join(f"'{each}'" for each in dependencies))
    lent = pip_settings.mounts(settings.values())
    with (
        container(api, base, ["sh", "-c", command], settings, lent) as fetching,
        step("Fetching what the service depends on"),
    ):
        fetching.write("/", [_packed([(ROOT / "constraints.txt", "fetched/constraints.txt")])])
        try:
            fetching.run()
        except ContainerFailed as error:
            say(error.printed)
            raise PartMissing("Let pip reach an index: fetching the service's packages failed as above.") from error
        with fetching.reading("/fetched/wheels") as tar:
            image_store.write(tar, target)


def _context(fetched: Path | None, wheel: Path) -> bytes:
    """Pack what the Dockerfile asks for."""
    files = [(ROOT / name, name) for name in ("Dockerfile", "constraints.txt", "pyproject.toml")]
    with io.BytesIO(_packed([*files, (wheel, f"dist/{wheel.name}")])) as target:
        if fetched:
            with tarfile.open(fileobj=target, mode="a") as context, tarfile.open(fetched) as source:
                for member in source:
                    member.name = f"dist/{member.name}"
                    context.addfile(member, source.extractfile(member))
        return target.getvalue()


def _packed(files: Iterable[tuple[Path, str]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file, name in files:
            tar.add(file, name)
    return packed.getvalue()
