"""The image from which a JupyterHub starts servers, as repositories of tests and of the demo build upon it.

Where the repo2docker image was made here, this one is made on top of it. pip runs in a container that sees this
machine's settings; its finished work, kept in the cache folder, goes to one that never did.
"""

from __future__ import annotations

from pathlib import Path

from . import image_recipe, image_store, pip_settings, repo2docker_image
from .cache import alone, cache_folder
from .containers import ContainerFailed, container, image_comment
from .docker_api import DockerApi
from .errors import PartMissing
from .progress import say, step

JUPYTERHUB_VERSION = "6.1.1"
OLDER_JUPYTERHUB = "5.4.6"
"""Of the release line that repo2docker installs into its environments."""
JUPYTERLAB_VERSION = "4.6.6"
VENV = "/opt/singleuser"
HOME = "/home/jovyan"
INSTALL = f"""
set -e
python3 -m venv {VENV}
{VENV}/bin/pip install --no-color --no-cache-dir --progress-bar off \
  jupyterhub=={{hub}} jupyterlab=={JUPYTERLAB_VERSION}
"""
# What is removed makes the server start in half of the time; see the folder left_out.
FINISH = f"""
set -e
rm -r {VENV}/lib/python3*/site-packages/rfc3987_syntax
useradd --create-home --home-dir {HOME} --uid 1000 --shell /bin/bash jovyan
"""
CONFIG = {
    "Env": [f"PATH={VENV}/bin:{image_recipe.SYSTEM_PATH}", f"HOME={HOME}", "SHELL=/bin/bash"],
    "User": "1000",
    "WorkingDir": HOME,
    "ExposedPorts": {"8888/tcp": {}},
    "Cmd": ["jupyterhub-singleuser"],
}


def ensure(engine_url: str, hub: str = JUPYTERHUB_VERSION) -> str:
    """Give the name of the image on this engine, always the same one, whatever it was made from.

    Args:
        engine_url: where the engine is.
        hub: the version of JupyterHub whose server is in the image.

    Raises:
        PartMissing: it can neither be pulled nor made here.
    """
    base = repo2docker_image.ensure(engine_url)
    api, name = DockerApi(engine_url), f"repo2docker-service/singleuser:{hub}"
    with alone("singleuser-image"):
        present, below = image_comment(api, name), image_comment(api, base) or ""
        if not below.startswith(image_recipe.PREFIX):
            if present is None:
                _pull(api, hub, name)
        elif present != _comment(below, hub):
            _make(api, base, hub, name, _comment(below, hub))
    return name


def _official(hub: str) -> str:
    return f"quay.io/jupyterhub/singleuser:{hub}"


def _comment(of_base: str, hub: str) -> str:
    """Give the comment of images made by this recipe, by which those of an older one are known."""
    return image_recipe.mark(of_base, INSTALL.format(hub=hub), FINISH, repr(CONFIG))


def _pull(api: DockerApi, hub: str, name: str) -> None:
    official = _official(hub)
    if not image_store.pull(api, official):
        raise PartMissing(f"Pull {official}: it cannot be made upon {repo2docker_image.OFFICIAL}.")
    image_store.tag(api, official, name)


def _make(api: DockerApi, base: str, hub: str, name: str, comment: str) -> None:
    saved = cache_folder() / f"singleuser-{hub}-{comment}.tar"
    if not saved.exists():
        for old in cache_folder().glob(f"singleuser-{hub}-*.tar*"):
            old.unlink()
        _install(api, base, hub, saved)
    with (
        container(api, base, ["sh", "-c", FINISH]) as clean,
        step(f"Making an image with JupyterHub {hub}'s server"),
    ):
        clean.write(str(Path(VENV).parent), image_store.pieces(saved))
        clean.run()
        clean.commit(name, CONFIG, comment)


def _install(api: DockerApi, base: str, hub: str, target: Path) -> None:
    settings = pip_settings.environment()
    lent = pip_settings.mounts(settings.values())
    with (
        container(api, base, ["sh", "-c", INSTALL.format(hub=hub)], settings, lent) as installing,
        step(f"Installing JupyterHub {hub} and JupyterLab {JUPYTERLAB_VERSION}"),
    ):
        try:
            installing.run()
        except ContainerFailed as error:
            say(error.printed)
            raise PartMissing(f"Pull {_official(hub)}, or let pip reach an index: it failed as above.") from error
        with installing.reading(VENV) as tar:
            image_store.write(tar, target)
