"""What opens the repository: git asks for it while it fetches, for one address only, and nothing else ever sees it.

git calls the helper as gitcredentials(7) says under "Custom helpers".
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

COMMAND = "credential"
PLACE = "/dev/shm/r2d-git.json"  # noqa: S108 - memory of this container alone, which ends with it however it ends


def settings(folder: str) -> list[tuple[str, str]]:
    """Give git's settings by which it asks this helper, in the launcher of that folder, and no other."""
    return [
        ("credential.helper", ""),  # forgets those that an image may have brought along
        ("credential.useHttpPath", "true"),  # else git does not tell the path
        ("credential.helper", f"!python3 -I {folder}/launcher.pyz {COMMAND}"),
    ]


def keep(credentials: dict[str, str], uid: int, place: str = PLACE) -> None:
    """Write credentials where only this user can read and remove them."""
    # As that user: the launcher may not give files away.
    os.setegid(uid)
    os.seteuid(uid)
    try:
        descriptor = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(credentials, file)
    finally:
        os.seteuid(os.getuid())
        os.setegid(os.getgid())


def answer(operation: str, question: Iterable[str], place: str = PLACE) -> str:
    """Tell git what opens an address, if it is the one that the credentials are for."""
    asked = dict(line.rstrip("\n").partition("=")[::2] for line in question)
    try:
        with open(place) as file:
            known = json.load(file)
    except FileNotFoundError:
        return ""
    if operation != "get" or not is_about(known["address"], asked):
        return ""
    return f"username={known['username']}\npassword={known['password']}\n"


def is_about(address: str, asked: dict[str, str]) -> bool:
    """Whether git asks about this very address."""
    parts = urlsplit(address)
    if "%2f" in parts.path.lower():
        return False  # git would ask in the same words about another path
    expected = parts.scheme, parts.netloc, unquote(parts.path.removeprefix("/"))
    return (asked.get("protocol"), asked.get("host"), asked.get("path")) == expected


def forget(place: str = PLACE) -> None:
    """Remove the credentials, if there are any."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)
