"""What the pages of the documentation show, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts),
]
COMMANDS = ("bash", "console")
"""The languages in which commands are shown; in the second what they print stands below them."""
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """Some lines that a page shows."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def script(self) -> str:
        """The commands, for a shell; what they print is left out."""
        if self.language != "console":
            return self.text
        found = re.findall(r"^\$ ((?:.*\\\n)*.*\n)", self.text, re.MULTILINE)
        return "".join(found)


def blocks(*languages: str, page: str = "") -> list[Block]:
    """Find what is shown in these languages, on all pages or on one of them."""
    pages = [ROOT / page] if page else PAGES
    return [block for each in pages for block in _blocks(each) if block.language in languages]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        shown = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        yield Block(str(page.relative_to(ROOT)), line, found["language"], shown)
