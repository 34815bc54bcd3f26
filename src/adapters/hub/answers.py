"""What the hub answers, and what of it can be relied on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

VERSION: Final = "X-JupyterHub-Version"
WRONG_ADDRESS: Final = "what answers is no JupyterHub: check JupyterHubAuthorizer.api_url"
_LONGEST_WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered."""

    status: int
    headers: Mapping[str, str]
    """Does not mind upper and lower case."""
    body: bytes = field(repr=False)

    @property
    def of_api(self) -> bool:
        """Whether the hub's API itself answered: its pages and proxies on the way refuse, or find nothing, too."""
        return VERSION in self.headers and self.headers.get("Content-Type", "").startswith("application/json")

    @property
    def version(self) -> int:
        """The first number of the hub's version; 0 when it does not say."""
        first = self.headers.get(VERSION, "").partition(".")[0]
        return int(first) if first.isdecimal() and len(first) < 4 else 0

    def document(self) -> Mapping[str, Any] | None:
        """Give the object that its JSON is; None when it is none."""
        return as_document(self.body)

    def words(self) -> str:
        """Give what the API says to people: on one line, bounded, nothing in it that hides or moves text."""
        return printable((self.document() or {}).get("message"))


def as_document(text: bytes) -> Mapping[str, Any] | None:
    """Give the object that a text is in JSON; None when it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def printable(text: object, longest: int = _LONGEST_WORDS) -> str:
    """Give a text of somebody else as one line that misleads nobody; empty when it is no text."""
    if not isinstance(text, str):
        return ""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 8 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
