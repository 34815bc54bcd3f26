"""The repo2docker image made from Debian and Python packages, for machines without an image registry.

It has the outer behaviour of the official one: `jupyter-repo2docker`, `docker` with buildx, and git on PATH;
git finds passwords in GIT_CREDENTIAL_ENV.
"""

from __future__ import annotations

import hashlib

from . import image_store, pip_settings, rootfs
from .containers import container, image_exists
from .docker_api import DockerApi
from .progress import step

REPO2DOCKER_VERSION = "2026.4.0"
PREFIX = "recipe-"
VENV = "/opt/repo2docker"
APPLETS = "/opt/busybox"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

INSTALL = f"""
set -e
python3 -m venv {VENV}
{VENV}/bin/pip install --no-color --no-cache-dir --progress-bar off jupyter-repo2docker=={REPO2DOCKER_VERSION}
"""

# The variable holds lines of git's credential protocol, parted by a newline or by a backslash and an n.
CREDENTIAL_HELPER = r"""#!/bin/sh
[ "$1" = get ] && [ -n "$GIT_CREDENTIAL_ENV" ] && printf '%b\n' "$GIT_CREDENTIAL_ENV"
exit 0
"""

FINISH = f"""
set -e
cat > /usr/local/bin/git-credential-env <<'END'
{CREDENTIAL_HELPER}END
chmod 755 /usr/local/bin/git-credential-env
git config --system credential.helper env
"""

BUSYBOX = f"""
set -e
mkdir {APPLETS}
/bin/busybox --install -s {APPLETS}
ln -sf /bin/busybox /bin/sh
ln -sf /bin/busybox /usr/bin/env
"""


def comment() -> str:
    """Give the comment of images made by this recipe, by which those of an older one are known.

    A label would do as well, but images built upon this one would inherit it.
    """
    return mark(rootfs.RECIPE, INSTALL, FINISH, BUSYBOX)


def mark(*parts: str) -> str:
    """Give the comment of images made by a recipe of these parts."""
    return PREFIX + _hash(*parts)


def build(api: DockerApi, name: str) -> None:
    """Make the image.

    pip runs in a container that sees this machine's settings; its finished work goes to one that never did.
    """
    base = f"{name}-base-{_hash(rootfs.RECIPE)}"
    # It is here when installing failed the last time.
    if not image_exists(api, base):
        _import_debian(api, base)
    settings = pip_settings.environment()
    lent = pip_settings.mounts(settings.values())
    with (
        container(api, base, ["sh", "-c", INSTALL], settings, lent) as installing,
        container(api, base, ["sh", "-c", FINISH]) as clean,
        step(f"Installing jupyter-repo2docker {REPO2DOCKER_VERSION}"),
    ):
        installing.run()
        with installing.reading(VENV) as tar_of_venv:
            clean.write("/opt", image_store.in_pieces(tar_of_venv))
        clean.run()
        clean.commit(name, {"Env": [f"PATH={VENV}/bin:{SYSTEM_PATH}"], "Cmd": ["sh"]}, comment())
    api.ask("DELETE", f"/images/{base}", {"noprune": "1"})


def _import_debian(api: DockerApi, name: str) -> None:
    repository, _, tag = name.rpartition(":")
    with rootfs.debian_tar() as tar, step("Importing it into the engine"):
        for _ in api.follow("/images/create", {"fromSrc": "-", "repo": repository, "tag": tag}, tar):
            pass


def build_busybox(api: DockerApi, origin: str, name: str) -> None:
    """Make the variant whose everyday programs are BusyBox's."""
    with container(api, origin, ["sh", "-c", BUSYBOX]) as changing, step("Putting BusyBox in front"):
        changing.run()
        changing.commit(name, {"Env": [f"PATH={APPLETS}:{VENV}/bin:{SYSTEM_PATH}"], "Cmd": ["sh"]}, comment())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
