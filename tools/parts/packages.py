"""Debian packages the parts need, installed where this machine lets us."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from .cache import alone
from .errors import PartMissing
from .progress import step

PACKAGES = (
    "docker.io",
    "iptables",
    "debootstrap",
    "git",
    "openssl",
    "haproxy",
    "faketime",
    "docker-registry",
    "skopeo",
    "apache2-utils",
    "e2fsprogs",
    "iproute2",
)
PROGRAMS = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "debootstrap": "debootstrap",
    "git": "git",
    "openssl": "openssl",
    "haproxy": "haproxy",
    "faketime": "faketime",
    "docker": "docker.io",
    "docker-registry": "docker-registry",
    "skopeo": "skopeo",
    "htpasswd": "apache2-utils",
    "mkfs.ext4": "e2fsprogs",
    "ip": "iproute2",
    "chromium": "chromium",
    "gcc": "build-essential",
    "dpkg-source": "build-essential",
}
LARGE = ("chromium", "build-essential")
"""Packages that only who needs them waits for."""
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def program(name: str) -> str | None:
    """Find a program, also in the folders that only an administrator has on PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}")


def require(*names: str) -> None:
    """Make sure that these programs are here, installing what is missing if we may.

    Raises:
        PartMissing: one is missing, and this is no machine on which we may install it.
    """
    if _missing(names) and os.geteuid() == 0 and shutil.which("apt-get"):
        # While another process installs, apt refuses, and what is missing now may be there then.
        with alone("packages"):
            if missing := _missing(names):
                wanted = {PROGRAMS.get(name, name) for name in missing}
                install(*(package for package in LARGE if package in wanted))
    if missing := _missing(names):
        packages = " ".join(PROGRAMS.get(name, name) for name in missing)
        raise PartMissing(f"Install {', '.join(missing)} as an administrator (Debian packages: {packages}).")


def _missing(names: Sequence[str]) -> list[str]:
    return [name for name in names if program(name) is None]


def install(*large: str) -> None:
    """Install every package at once, as one run of apt costs less than several; large ones only if they are named."""
    packages = [*PACKAGES, *large]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    with step(f"Installing the Debian packages {' '.join(packages)}"):
        try:
            for words in (["apt-get", "update"], command):
                subprocess.run(words, check=True, env=environment, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr or error.stdout or "no reason given").strip().splitlines()[-1]
            raise PartMissing(f"Install {' '.join(packages)}: apt-get failed here with '{reason}'.") from error
