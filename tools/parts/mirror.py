"""The Debian mirror that this machine's own apt sources name; no host is written down in this repository."""

from __future__ import annotations

import http.client
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .errors import PartMissing

APT = Path("/etc/apt")
LIMIT = 10


def mirror(suite: str, apt: Path = APT) -> str:
    """Give the first mirror of the apt sources that has this suite of Debian.

    Raises:
        PartMissing: none has.
    """
    for address in dict.fromkeys(addresses(apt)):
        if _has(address, suite):
            return address
    raise PartMissing(f"Name a Debian mirror with {suite} in {apt}/sources.list: none there answers or has it.")


def addresses(apt: Path) -> Iterator[str]:
    """Give the address of every HTTP source, of both styles of source files."""
    for file in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*.list"))]:
        if file.is_file():
            yield from re.findall(r"^deb\s+(?:\[[^\]]*\]\s*)?(https?://\S+)", file.read_text(), re.MULTILINE)
    for file in sorted(apt.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            yield from _of_stanza(stanza)


def _of_stanza(stanza: str) -> Iterator[str]:
    if re.search(r"^Enabled:\s*no\s*$", stanza, re.MULTILINE | re.IGNORECASE):
        return
    lines = "\n".join(line for line in stanza.splitlines() if not line.startswith("#"))
    # A field goes on in lines that begin with a space.
    for value in re.findall(r"^URIs:(.*(?:\n[ \t].*)*)", lines, re.MULTILINE | re.IGNORECASE):
        yield from (word for word in value.split() if word.startswith(("http://", "https://")))


def _has(address: str, suite: str) -> bool:
    """Tell whether Debian itself, not an addition to it, publishes the suite there."""
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/dists/{suite}/Release", timeout=LIMIT) as answer:
            return b"Origin: Debian\n" in answer.read(1000)
    except (OSError, http.client.HTTPException):
        return False
