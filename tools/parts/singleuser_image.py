"""The image from which a JupyterHub starts servers, as repositories of tests and of the demo build upon it.

Where the repo2docker image was made here, this one is made on top of it. pip runs in a container that sees this
machine's settings; its finished work, kept in the cache folder, goes to one that never did.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from . import image_recipe, image_store, pip_settings, repo2docker_image
from .cache import alone, cache_folder
from .containers import ContainerFailed, container, image_comment
from .docker_api import DockerApi
from .errors import PartMissing
from .progress import say, step

JUPYTERHUB_VERSION = "6.1.1"
JUPYTERLAB_VERSION = "4.6.6"
OFFICIAL = f"quay.io/jupyterhub/singleuser:{JUPYTERHUB_VERSION}"
LOCAL = f"repo2docker-service/singleuser:{JUPYTERHUB_VERSION}"
VENV = "/opt/singleuser"
HOME = "/home/jovyan"
INSTALL = f"""
set -e
python3 -m venv {VENV}
{VENV}/bin/pip install --no-color --no-cache-dir --progress-bar off \
  jupyterhub=={JUPYTERHUB_VERSION} jupyterlab=={JUPYTERLAB_VERSION}
"""
FINISH = f"""
set -e
useradd --create-home --home-dir {HOME} --uid 1000 --shell /bin/bash jovyan
"""
CONFIG = {
    "Env": [f"PATH={VENV}/bin:{image_recipe.SYSTEM_PATH}", f"HOME={HOME}", "SHELL=/bin/bash"],
    "User": "1000",
    "WorkingDir": HOME,
    "ExposedPorts": {"8888/tcp": {}},
    "Cmd": ["jupyterhub-singleuser"],
}


def ensure(engine_url: str) -> str:
    """Give the name of the image on this engine, always the same one, whatever it was made from.

    Raises:
        PartMissing: it can neither be pulled nor made here.
    """
    base = repo2docker_image.ensure(engine_url)
    api = DockerApi(engine_url)
    with alone("singleuser-image"):
        present, below = image_comment(api, LOCAL), image_comment(api, base) or ""
        if not below.startswith(image_recipe.PREFIX):
            if present is None:
                _pull(api)
        elif present != _comment(below):
            _make(api, base, _comment(below))
    return LOCAL


def _comment(of_base: str) -> str:
    """Give the comment of images made by this recipe, by which those of an older one are known."""
    parts = of_base, INSTALL, FINISH, repr(CONFIG)
    return image_recipe.PREFIX + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _pull(api: DockerApi) -> None:
    if not image_store.pull(api, OFFICIAL):
        raise PartMissing(f"Pull {OFFICIAL}: it cannot be made upon {repo2docker_image.OFFICIAL}.")
    image_store.tag(api, OFFICIAL, LOCAL)


def _make(api: DockerApi, base: str, comment: str) -> None:
    saved = cache_folder() / f"singleuser-{comment}.tar"
    if not saved.exists():
        _install(api, base, saved)
    with (
        container(api, base, ["sh", "-c", FINISH]) as clean,
        step(f"Making an image with JupyterHub {JUPYTERHUB_VERSION}'s server"),
    ):
        clean.write(str(Path(VENV).parent), image_store.pieces(saved))
        clean.run()
        clean.commit(LOCAL, CONFIG, comment)


def _install(api: DockerApi, base: str, target: Path) -> None:
    settings = pip_settings.environment()
    lent = pip_settings.mounts(settings.values())
    with (
        container(api, base, ["sh", "-c", INSTALL], settings, lent) as installing,
        step(f"Installing JupyterHub {JUPYTERHUB_VERSION} and JupyterLab {JUPYTERLAB_VERSION}"),
    ):
        try:
            installing.run()
        except ContainerFailed as error:
            say(error.printed)
            raise PartMissing(f"Pull {OFFICIAL}, or let pip reach an index: making it failed as above.") from error
        with installing.reading(VENV) as tar:
            for old in cache_folder().glob("singleuser-*.tar*"):
                old.unlink()
            image_store.write(tar, target)
