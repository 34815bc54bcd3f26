"""What it means when the hub does not start a server: errors whose sentences say what to do."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from repo2docker_service.adapters.hub.answers import Answer
from repo2docker_service.domain.errors import (
    Forbidden,
    InvalidInput,
    LaunchRefused,
    ServiceError,
    TooManyServers,
    Unauthenticated,
)

START: Final = "start:servers!user"
READ: Final = "read:servers!user"
DELETE: Final = "delete:servers!user"
_BUSY_SECONDS: Final = 120
"""When to try again where the hub says so in words only."""
_LONGEST_WAIT: Final = 3600
_ALREADY: Final = re.compile(r"is already running$|is pending \w+")
_NO_NAMES: Final = re.compile(r"[Nn]amed servers are not enabled")
_LIMIT: Final = re.compile(r"already has the maximum of (\d{1,6}) named servers")
_BAD_NAME: Final = re.compile(r"[Ii]nvalid server_name")
_NO_CHOICE: Final = re.compile(r"[Ss]pecifying image to launch is not allowed")
_BAD_IMAGE: Final = re.compile(r"^Image .* not in allowed list")


def is_active_already(answer: Answer) -> bool:
    """Whether the hub does not start the server because it starts, runs or stops."""
    return answer.status == HTTPStatus.BAD_REQUEST and bool(_ALREADY.search(answer.words()))


def is_beyond_token(answer: Answer) -> bool:
    """Whether the hub does not say that something is not there, but that the token's scopes do not reach so far."""
    return answer.words().startswith("No access to resources")


def no_right(answer: Answer, scope: str) -> ServiceError:
    """Say why the hub does not let somebody do what needs a scope."""
    words = answer.words().casefold()
    if answer.status == HTTPStatus.UNAUTHORIZED or "invalid credentials" in words or "auth has expired" in words:
        return Unauthenticated()
    return Forbidden(scope)


def refusal(answer: Answer) -> ServiceError | None:
    """Say why the hub's API does not start a server; None when the answer does not tell."""
    if not answer.of_api:
        return None
    words = answer.words()
    match answer.status:
        case HTTPStatus.BAD_REQUEST:
            return _bad_request(words)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND:
            return no_right(answer, START)
        case HTTPStatus.FORBIDDEN:
            about_token = re.search(r"credentials|scopes|auth has expired", words)
            return no_right(answer, START) if about_token else LaunchRefused(_with_words("", words))
        case HTTPStatus.TOO_MANY_REQUESTS:
            return TooManyServers(
                "The hub starts no more servers for now. Try again in a few minutes.", _seconds(answer)
            )
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return LaunchRefused(_with_words(" The log of the hub may say more.", words))
    return None


def _bad_request(words: str) -> ServiceError:
    if found := _LIMIT.search(words):
        number = found[1]
        return TooManyServers(f"You have {number} servers with a name, as many as the hub allows. Delete one first.")
    if _BAD_NAME.search(words):
        return InvalidInput("server_name", "The hub does not take this name: use lower case letters, digits, hyphens.")
    if _NO_NAMES.search(words):
        return LaunchRefused(
            "Servers have no names at this hub. An administrator can allow them there (allow_named_servers),"
            " or set JupyterHubServerLauncher.named_servers = False here."
        )
    if _NO_CHOICE.search(words):
        return LaunchRefused(
            "The hub lets nobody choose what to start. An administrator has to let its spawner ask this service."
        )
    if _BAD_IMAGE.search(words):
        # The hub goes on with the names of all that it does allow.
        return LaunchRefused("The hub does not start this image for you. Ask an administrator of the hub to allow it.")
    return LaunchRefused(_with_words("", words))


def _with_words(advice: str, words: str) -> str:
    said = f": {words.rstrip('.')}" if words else ""
    return f"The hub did not start the server{said}.{advice}"


def _seconds(answer: Answer) -> int:
    told = answer.headers.get("Retry-After", "")
    return min(int(told), _LONGEST_WAIT) if told.isdecimal() and len(told) < 6 else _BUSY_SECONDS
