"""The audit stream: a line for each thing that was changed, whoever changed it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

AUDIT: Final = "repo2docker_service.audit"
"""The logger's name."""

log = logging.getLogger(AUDIT)


def tell(known: Mapping[str, str | int]) -> None:
    """Write a line, whatever the level of all else.

    Args:
        known: only what the service has found to be so, by name, and that cannot be of any length: never what was
            sent, nor a token.
    """
    text = " ".join(f"{name}={_plain(value)}" for name, value in known.items())
    log.info(text, extra={"data": dict(known)})


def _plain(value: object) -> str:
    """Write a value so that it can neither end the line nor be taken for another member."""
    return ascii(str(value))[1:-1].replace(" ", "\\x20")
