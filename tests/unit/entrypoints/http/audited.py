"""Listens to the audit stream."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from repo2docker_service.domain.auditing import AUDIT

Heard = TypeVar("Heard", bound=logging.Handler)


@contextmanager
def hearing(handler: Heard) -> Iterator[Heard]:
    """Give a handler all that is told meanwhile, whatever level of the log others have set."""
    logger = logging.getLogger(AUDIT)
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
