"""What can go wrong for a client command, as sentences with exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from repo2docker_service.entrypoints.cli.arguments import TOKEN_VARIABLE

_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60


class ExitCode(IntEnum):
    """How a client command ends."""

    DONE = 0
    BUILD_FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    NOT_WRITTEN = 4
    INTERRUPTED = 130


class CommandFailed(Exception):
    """A command cannot be done; the text is a sentence for people."""

    exit_code = ExitCode.BAD_INPUT


class NotFound(CommandFailed):
    """The service has no such thing, or not any more."""


class SourceUnreachable(CommandFailed):
    """The repository does not answer, or not to this caller; the service does."""


class Refused(CommandFailed):
    """The service does not do it for this caller, or not now."""

    exit_code = ExitCode.REFUSED


class Unreachable(Refused):
    """The service does not answer, or has no room for a build; that may pass soon."""


class NotNow(Unreachable):
    """The service answers that it cannot do this yet.

    Args:
        sentence: what it waits for.
        seconds: when to ask again.
    """

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


def problem_from(status: int, details: Mapping[str, Any], *, with_token: bool, retry_after: str = "") -> CommandFailed:
    """Turn an error answer of the service into what is to be told.

    Args:
        status: the answer's status.
        details: its problem+json, empty when it held none.
        with_token: whether a token was sent.
        retry_after: the answer's header of that name.
    """
    sentence, kind = _sentence(status, details), str(details.get("type")).rpartition(":")[2]
    if kind == "source-unreachable":
        return SourceUnreachable(sentence)
    if retry_after and (status == 503 or kind == "too-many-requests"):
        return NotNow(sentence, _seconds(retry_after))
    if status in (502, 503, 504, 507):
        return Unreachable(sentence)
    if status == 401:
        return Refused(f"{sentence} {_about_tokens(with_token=with_token)}")
    if status in (403, 429) or status >= 500:
        return Refused(sentence)
    if not details and status in (404, 405):
        return Refused("There is no repo2docker-service at this address. Give another one with --url.")
    return NotFound(sentence) if status == 404 else CommandFailed(sentence)


def _seconds(retry_after: str) -> float:
    # A date is allowed too; nobody sends one for such short times.
    return float(min(max(int(retry_after), 1), _LONGEST_PAUSE)) if retry_after.isdecimal() else _PAUSE


def _sentence(status: int, details: Mapping[str, Any]) -> str:
    mistakes = details.get("errors")
    if mistakes:
        return " ".join(_mistake(**mistake) for mistake in mistakes)
    return str(details.get("detail") or details.get("title") or f"The service answered with status {status}.")


def _mistake(field: str, problem: str, near: Sequence[str] = (), **_more: Any) -> str:
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{field}: {problem}{hint}"


def _about_tokens(*, with_token: bool) -> str:
    if with_token:
        return f"The token that was sent is not accepted: check --token or {TOKEN_VARIABLE}."
    return (
        f"Set {TOKEN_VARIABLE} or give --token: the service prints its token when it starts;"
        " beside a JupyterHub, make one on the hub's token page."
    )
