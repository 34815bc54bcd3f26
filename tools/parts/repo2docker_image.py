"""The image in which repo2docker runs: had already, loaded, pulled or made, whichever works first."""

from __future__ import annotations

import os
from pathlib import Path

from . import image_recipe, image_store
from .cache import alone, cache_folder
from .containers import ContainerFailed, image_comment, image_exists
from .docker_api import DockerApi
from .errors import PartMissing
from .progress import say, step

OFFICIAL = "quay.io/jupyterhub/repo2docker:2026.04.0"
LOCAL = f"repo2docker-service/repo2docker:{image_recipe.REPO2DOCKER_VERSION}"
BUSYBOX = f"{LOCAL}-busybox"


def ensure(engine_url: str) -> str:
    """Give the name of the repo2docker image on this engine, always the same one, whatever it was made from.

    It is also the image that the Dockerfiles of tests and of the demo build upon.

    Raises:
        PartMissing: it can neither be pulled nor made here.
    """
    api = DockerApi(engine_url)
    with alone("repo2docker-image"):
        if not _present(api, LOCAL):
            _get(api)
    return LOCAL


def ensure_busybox(engine_url: str) -> str:
    """Give the name of the same image with BusyBox in front of everything, to show that nothing needs more.

    It is one thin layer, made within a second or two, so only the engine keeps it.

    Raises:
        PartMissing: the image it is made from can neither be pulled nor made here.
    """
    origin = ensure(engine_url)
    api = DockerApi(engine_url)
    with alone("repo2docker-image"):
        if _present(api, BUSYBOX):
            return BUSYBOX
        if image_exists(api, OFFICIAL):
            # That one is Alpine Linux: BusyBox all over already.
            image_store.tag(api, OFFICIAL, BUSYBOX)
        else:
            image_recipe.build_busybox(api, origin, BUSYBOX)
    return BUSYBOX


def _present(api: DockerApi, name: str) -> bool:
    """Tell whether the image is there, and not made by an older recipe."""
    comment = image_comment(api, name)
    if comment is None:
        return False
    return comment == image_recipe.comment() or not comment.startswith(image_recipe.PREFIX)


def _get(api: DockerApi) -> None:
    saved = _saved()
    if image_exists(api, OFFICIAL):
        image_store.tag(api, OFFICIAL, LOCAL)
    elif saved.exists():
        with step("Loading the repo2docker image from the cache"):
            image_store.load(api, saved)
    elif image_store.pull(api, OFFICIAL):
        image_store.tag(api, OFFICIAL, LOCAL)
    else:
        _make(api)
        with step("Saving the repo2docker image to the cache"):
            for old in cache_folder().glob("repo2docker-image-*.tar*"):
                old.unlink()
            image_store.save(api, LOCAL, saved)


def _make(api: DockerApi) -> None:
    if os.geteuid() != 0:
        raise PartMissing(f"Pull {OFFICIAL}, or be root, so that it can be made from Debian packages.")
    with step("Making the repo2docker image from Debian and Python packages"):
        try:
            image_recipe.build(api, LOCAL)
        except ContainerFailed as error:
            say(error.printed)
            raise PartMissing(f"Pull {OFFICIAL}, or let pip reach an index: making it failed as above.") from error


def _saved() -> Path:
    """The file for the image of the present recipe; those of older ones are of no use."""
    return cache_folder() / f"repo2docker-image-{image_recipe.comment()}.tar"
