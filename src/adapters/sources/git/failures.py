"""What went wrong on the way to a git server, in sentences for people."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpcore
import httpx

from repo2docker_service.adapters.addresses import MetadataAddress, PrivateAddress
from repo2docker_service.adapters.sources.git.pkt_line import NotGit, RemoteError
from repo2docker_service.adapters.sources.git.refs import OtherHash
from repo2docker_service.adapters.sources.git.transport import UnknownHost
from repo2docker_service.domain.errors import SourceForbidden, SourceUnreachable

NO_GIT: Final = "no git server answers there; check that this is the address of a repository."
NOT_FOUND: Final = (
    "it was not found, or it is private. Check that the address opens in a browser, and give credentials for it if it"
    " opens only after logging in."
)
OURS_REFUSED: Final = "it refused the credentials that this service has for it. Tell an administrator."
RULES: Final = "GitSourceResolver.rules"
PRIVATE: Final = "This address leads into a private network, which this service may not contact."
ALLOWS_PRIVATE: Final = f"private_network in {RULES}, or all with GitSourceResolver.allow_private_networks"
LED_THERE: Final = (
    "This address redirects to one that is not for everybody. If you may build from there, give that address itself."
)
HTTPS_ONLY: Final = "Credentials are sent over https only."
METADATA: Final = "This address is where a cloud keeps credentials; this service never contacts it."
OTHER_HASH: Final = "its commits have SHA-256 ids, which repo2docker cannot build; convert the repository to SHA-1 ids."
BROKEN: Final = "the connection broke. This may pass; try again in a moment."

_LONGEST_WAIT: Final = 86_400
_BROKEN: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,
)


@contextmanager
def plainly(address: str, seconds: float) -> Iterator[None]:
    """Turn whatever goes wrong while a server is asked into an error of the domain.

    Args:
        address: what was asked for.
        seconds: how long the server was given.
    """
    try:
        yield
    except MetadataAddress:
        raise SourceForbidden("repo", METADATA) from None
    except PrivateAddress:
        raise SourceForbidden("repo", PRIVATE, setting=ALLOWS_PRIVATE) from None
    except (TimeoutError, httpcore.TimeoutException):
        raise SourceUnreachable(address, f"it did not answer within {seconds:g} seconds.") from None
    except RemoteError as error:
        raise SourceUnreachable(address, f"its server says: {error}") from None
    except (UnknownHost, NotGit, OtherHash, httpcore.ProxyError, *_BROKEN) as error:
        raise SourceUnreachable(address, _problem(error)) from None


def refused(address: str, status: int, headers: Mapping[str, str], refusal: str = NOT_FOUND) -> SourceUnreachable:
    """Say what a status other than success means.

    Args:
        address: what was asked for.
        status: the status.
        headers: what came with it, the names in small letters.
        refusal: what to say where there is nothing, or nothing for who asks.
    """
    limited = status == 403 and headers.get("x-ratelimit-remaining") == "0"
    if status in (401, 403, 404, 410) and not limited:
        # With credentials of the administrator's own nobody is helped by giving others.
        return SourceUnreachable(address, refusal, may_be_private=refusal != OURS_REFUSED)
    wait = wait_of(headers)
    return SourceUnreachable(address, _problem_of_status(status, wait), retry_after=wait)


def wait_of(headers: Mapping[str, str]) -> int | None:
    """Give the seconds after which a server wants to be asked again; None where it does not say.

    GitHub and GitLab tell the time at which their limits are renewed, in seconds since 1970.
    """
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        value = headers.get(name, "")
        if "retry-after" not in headers and value.isascii() and value.isdigit():
            wait = int(value) - math.floor(time.time())
            return wait if 0 < wait <= _LONGEST_WAIT else None
    return seconds_to_wait(headers.get("retry-after", ""))


def seconds_to_wait(value: str) -> int | None:
    """Read a ``Retry-After`` header (RFC 9110, 10.2.3), within a day; None where it says nothing that can be used."""
    try:
        seconds = int(value) if value.isascii() and value.isdigit() else _seconds_until(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if 0 < seconds <= _LONGEST_WAIT else None


def _seconds_until(date: str) -> int:
    return math.ceil((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds())


def _problem_of_status(status: int, wait: int | None) -> str:
    if status == 407:
        return "the proxy of this service wants a password; tell an administrator."
    if status in (403, 429):
        return f"its server has had too many requests. Try again in {_spoken(wait)}."
    if status >= 500:
        return f"its server failed with status {status}. This may pass; try again later."
    return f"its server answered with status {status}."


def _spoken(wait: int | None) -> str:
    if wait is None:
        return "some minutes"
    unit, seconds = ("second", 1) if wait < 90 else ("minute", 60) if wait < 5400 else ("hour", 3600)
    count = math.ceil(wait / seconds)  # who comes too early is refused again
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _problem(error: Exception) -> str:
    match error:
        case UnknownHost():
            return "its host name is not known. Check the spelling."
        case NotGit():
            return NO_GIT
        case OtherHash():
            return OTHER_HASH
        case httpcore.ProxyError():
            return "the proxy of this service does not reach it."
        case httpcore.ConnectError():
            return _problem_of_connecting(error)
    return BROKEN


def _problem_of_connecting(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({cause.verify_message}). An administrator can add a certificate"
                " authority with GitSourceResolver.ca_bundle."
            )
        if isinstance(cause, ssl.SSLError):
            return "no secure connection can be made with it. Check whether its address begins with http:// instead."
    return "nothing answers at its host and port."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
