"""Text that strangers wrote, made safe to print on a terminal."""

from __future__ import annotations

import re
from typing import Final

from repo2docker_service.entrypoints.unseen import UNSEEN

_COLOUR: Final = r"\x1b\[[0-9;:]{0,64}m"
# ECMA-48: control sequences, control strings to their end, other escape sequences, single control characters.
_CONTROL: Final = (
    r"\x1b\[[0-?]*[ -/]*[@-~]?"
    r"|\x1b[PX\]^_].*?(?:\x07|\x1b\\|\Z)"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f]"
    f"|{UNSEEN}"
)
_KEEP_COLOURS: Final = re.compile(f"({_COLOUR})|{_CONTROL}", re.DOTALL)
_KEEP_NOTHING: Final = re.compile(rf"{_CONTROL}|[\t\r]", re.DOTALL)
_RESET: Final = "\x1b[0m"


def log_line(text: str) -> str:
    """Keep tabs, colours and the carriage returns of progress lines; remove every other control."""
    line = _KEEP_COLOURS.sub(lambda match: match[1] or "", text.rstrip("\r\n"))
    # A colour must not spill over the lines that follow.
    return f"{line}{_RESET}" if "\x1b" in line else line


def plain(text: object) -> str:
    """Remove every control and line end, for words inside a sentence or table."""
    return " ".join(_KEEP_NOTHING.sub(" ", str(text)).split())
