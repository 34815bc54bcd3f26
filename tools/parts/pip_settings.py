"""This machine's settings for pip and for TLS, to be lent to one container and to no image."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
LENT = re.compile(r"PIP_.+|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(?i:(https?|no|all)_proxy)")
# Where pip installs to, or what it writes, says nothing of where packages come from.
KEPT_BACK = re.compile(r"PIP_(TARGET|PREFIX|ROOT|USER|LOG|CACHE_DIR|REQUIRE_VIRTUALENV|CONFIG_FILE|SRC|REPORT)")


def environment() -> dict[str, str]:
    """Give pip's settings, those of its files too, as environment variables."""
    lent = _from_files() | {name: value for name, value in os.environ.items() if LENT.fullmatch(name)}
    return {name: value for name, value in lent.items() if not KEPT_BACK.fullmatch(name)}


def mounts(settings: Iterable[str]) -> list[str]:
    """Give the read-only binds that make files and folders in these settings visible under the same path."""
    words = (word for value in settings for word in value.split())
    paths = {path for word in words if (path := _local_path(word))} | {SYSTEM_BUNDLE}
    return [f"{path}:{path}:ro" for path in sorted(paths) if Path(path).exists()]


def _from_files() -> dict[str, str]:
    """Ask pip itself, as it knows where its files are and which of them wins."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = {}
    for section, name, value in re.findall(r"^(global|install)\.([\w-]+)=(.*)$", listed, re.MULTILINE):
        found[(section, "PIP_" + name.upper().replace("-", "_"))] = str(ast.literal_eval(value))
    return {name: value for (_, name), value in sorted(found.items())}


def _local_path(word: str) -> str | None:
    if not word.startswith("file:"):
        return word if word.startswith("/") else None
    path = Path(url2pathname(urlsplit(word).path))
    # An index in a folder named so links to files in folders beside it.
    return str(path.parent if path.name == "simple" else path)
