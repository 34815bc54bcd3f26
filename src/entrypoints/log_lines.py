"""How lines of the log are written: for people, or one JSON document a line for programs."""

from __future__ import annotations

import copy
import json
import logging
import re
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.auditing import AUDIT
from repo2docker_service.domain.log_context import BUILD, REQUEST
from repo2docker_service.entrypoints.unseen import UNSEEN

_PACKAGE: Final = "repo2docker_service"
_SERVER: Final = "uvicorn"
_OTHERS: Final = ("", _SERVER, "uvicorn.access", "uvicorn.error")
_HIDDEN: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f]|{UNSEEN}")
"""What moves a terminal, turns the direction of writing around, or is not seen."""


class TextLines(logging.Formatter):
    """Adds to what another formatter makes which request and which build it is about."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter("%(asctime)s %(levelname)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; what follows its end, as a traceback, stays behind it and looks like no line of its own."""
        line, newline, rest = self.inner.format(_readable(record)).partition("\n")
        known = "".join(f" {name}={value}" for name, value in _context())
        return f"{line}{known}{newline}{textwrap.indent(_HIDDEN.sub(_named, rest), '  ')}"


def _readable(record: logging.LogRecord) -> logging.LogRecord:
    # The web server's own lines quote what was sent, and its colours are meant.
    if record.name.startswith(_SERVER):
        return record
    named = copy.copy(record)
    named.msg, named.args = _HIDDEN.sub(_named, record.getMessage()), None
    return named


def _named(hidden: re.Match[str]) -> str:
    return hidden[0].encode("unicode_escape").decode()


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; nothing in a message can end it."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **dict(_context()),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _context() -> Iterator[tuple[str, str]]:
    for variable in (REQUEST, BUILD):
        if value := variable.get():
            yield variable.name, value


def install(settings: Repo2DockerService) -> None:
    """Have every handler of this process that writes lines of the service write them as the settings say.

    Who has set up handlers already, in a configuration file or with a web server's own options, keeps them.
    """
    ours, audit = logging.getLogger(_PACKAGE), logging.getLogger(AUDIT)
    ours.setLevel(settings.log.getEffectiveLevel())
    # Whatever level of all else is wanted, who did what is told.
    audit.setLevel(logging.INFO)
    if not ours.hasHandlers():
        ours.addHandler(logging.StreamHandler(sys.stderr))
    loggers = [settings.log, ours, audit, *map(logging.getLogger, _OTHERS)]
    for logger in loggers:
        for handler in logger.handlers:
            _dress(handler, as_json=settings.log_as == "json")


def _dress(handler: logging.Handler, *, as_json: bool) -> None:
    if as_json:
        handler.setFormatter(JsonLines())
    elif not isinstance(handler.formatter, TextLines):
        handler.setFormatter(TextLines(handler.formatter))
