"""What goes wrong between this service and a registry."""

from __future__ import annotations


class RegistryError(Exception):
    """A call of the registry failed.

    Args:
        problem: part of a sentence for people, without secrets and without paths of the server.
        again: whether trying again may help.
        ambiguous: whether the registry may have done what it was asked, though it did not say so.
        pause: seconds that the registry wants to be left alone, when it said so.
    """

    def __init__(
        self, problem: str, *, again: bool = False, ambiguous: bool = False, pause: float | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.again = again
        self.ambiguous = ambiguous
        self.pause = pause


class ConnectionFailed(RegistryError):
    """No answer came: no connection, a broken one, or no end within the time."""


class BrokenOff(ConnectionFailed):
    """The registry broke off: before the answer, or in the middle of it, as it does with a blob that it has lost."""


class Refused(RegistryError):
    """The answer has the status of an error.

    Args:
        problem: as for every error, and so are those not named here.
        status: the status.
        code: the registry's own word for it, such as ``MANIFEST_UNKNOWN``; empty when it gave none.
    """

    def __init__(
        self,
        problem: str,
        *,
        status: int,
        code: str = "",
        again: bool = False,
        ambiguous: bool = False,
        pause: float | None = None,
    ) -> None:
        super().__init__(problem, again=again, ambiguous=ambiguous, pause=pause)
        self.status = status
        self.code = code


class NotFound(Refused):
    """There is no such thing: status 404."""


class Unauthorized(Refused):
    """Not allowed, also after authentication: status 401 or 403."""


class LoginFailed(Unauthorized):
    """The token server does not accept our credentials."""


def is_absent(refused: Refused, *, unauthorized: bool) -> bool:
    """Say whether a refusal means that something is not there.

    Args:
        refused: what the registry answered.
        unauthorized: whether it means that, too, where something may not be seen.
    """
    # Where the password is wrong, nothing can be seen, and that is no reason to take everything for absent.
    hidden = isinstance(refused, Unauthorized) and not isinstance(refused, LoginFailed)
    return isinstance(refused, NotFound) or (unauthorized and hidden)


class BadAnswer(RegistryError):
    """The answer is none that a registry may give; nothing of it was used."""


class TooLong(BadAnswer):
    """The answer is longer than what was wanted of it."""


class CircuitOpen(RegistryError):
    """The registry was not asked at all, because it failed too often a moment ago."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, again=True)
