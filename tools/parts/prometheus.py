"""A real Prometheus, as Debian packages it: unpacked beside other things that are kept, and not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode

from .cache import alone, cache_folder
from .errors import PartMissing
from .packages import program
from .progress import step

_PROGRAMS = ("prometheus", "promtool")
_ANSWERS_WITHIN = 20.0


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    url: str

    def ask(self, path: str, **query: str) -> Any:  # noqa: ANN401  # whatever it answers
        """Ask its API."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urlencode(query)}", timeout=5) as answer:
            return json.load(answer)["data"]

    def value(self, expression: str) -> float | None:
        """Give what an expression comes to now; None when there is nothing yet."""
        found = self.ask("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None


def programs() -> dict[str, str]:
    """Give where Prometheus and its tool are, fetching them if need be.

    Raises:
        PartMissing: they are not here and cannot be had.
    """
    found = {name: path for name in _PROGRAMS if (path := program(name))}
    if len(found) == len(_PROGRAMS):
        return found
    folder = cache_folder() / "prometheus"
    with alone("prometheus"):
        if not folder.is_dir():
            _fetch(folder)
    return {name: str(folder / name) for name in _PROGRAMS}


def _fetch(folder: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PartMissing("Install prometheus as an administrator (Debian package: prometheus).")
    with step("Fetching Prometheus"), tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        download = ["apt-get", "download", "prometheus"]
        try:
            if _run(download, temporary) and os.geteuid() == 0:
                _run(["apt-get", "update"], temporary)
                _run(download, temporary)
            (package,) = Path(temporary).glob("prometheus_*.deb")
        except ValueError:
            raise PartMissing("Install prometheus as an administrator (Debian package: prometheus).") from None
        subprocess.run(["dpkg-deb", "-x", package, temporary], check=True)
        (Path(temporary) / "usr" / "bin").rename(folder)


def _run(command: list[str], folder: str) -> int:
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


@contextmanager
def running_prometheus(folder: Path, configuration: str, port: int) -> Iterator[Prometheus]:
    """Run Prometheus with this configuration, with all that it keeps in the folder."""
    (folder / "prometheus.yml").write_text(configuration)
    command = [
        programs()["prometheus"],
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield _answering(Prometheus(f"http://127.0.0.1:{port}"), process)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _answering(prometheus: Prometheus, process: subprocess.Popen[bytes]) -> Prometheus:
    deadline = time.monotonic() + _ANSWERS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            prometheus.ask("query", query="1")
        except URLError:
            time.sleep(0.05)
        else:
            return prometheus
    raise RuntimeError("Prometheus did not start")
