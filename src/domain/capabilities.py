"""What a part may be able to do besides what its port asks for. Parts without it work, with less."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from repo2docker_service.domain.retention.retention import LocalCopy, Retention, SpareCache


@runtime_checkable
class BrowserLogin(Protocol):
    """What an authorizer has besides when people log in elsewhere, with their browser (OAuth 2.0, RFC 6749 4.1)."""

    @property
    def logout_url(self) -> str:
        """Where to go on to when somebody logs out here."""
        ...

    @property
    def home_url(self) -> str:
        """Where people find what else they have there."""
        ...

    @property
    def oauth_callback_url(self) -> str:
        """Where browsers come back to, an address or a path, as it is known to where people log in."""
        ...

    def authorize_url(self, state: str, challenge: str) -> str:
        """Say where to send a browser, so that it comes back with a code.

        Args:
            state: comes back with the code, as it is.
            challenge: for PKCE with S256 (RFC 7636), made from a verifier that is kept here.
        """
        ...

    async def token_for_code(self, code: str, verifier: str) -> str:
        """Change a code for the token of who has logged in.

        Raises:
            Unauthenticated: the code or the verifier is not right.
            AuthorizerUnavailable: it cannot be found out now.
        """
        ...


@runtime_checkable
class Checkable(Protocol):
    """What a part has besides that can be asked whether it answers, at little cost and on behalf of nobody."""

    async def check(self) -> None:
        """Ask it.

        Raises:
            Unavailable: it does not answer.
        """
        ...


@runtime_checkable
class Collectable(Protocol):
    """What an image builder has besides when it need not keep for ever what it keeps.

    All methods raise :class:`~repo2docker_service.domain.errors.BuilderUnavailable` when the engine does not answer.
    """

    @property
    def retention(self) -> Retention:
        """How long the administrator wants things kept."""
        ...

    async def copies(self) -> Sequence[LocalCopy]:
        """Give the images of this installation that the engine has, by each final name, in no order.

        Where the engine's own store is the registry, these are no copies but the images themselves.
        """
        ...

    async def drop_copy(self, copy: LocalCopy) -> bool:
        """Remove a copy's name and, with its last name, the copy; say whether that was done.

        Nothing is done when it is gone, when its name points to something else, or when there is a container of it.
        """
        ...

    async def used_images(self) -> Collection[str]:
        """Give all that images of this installation are called of which the engine has a container, running or not.

        That is the engine's own id of each, its names, and its names with a digest, as spawners ask for it. Others may
        be among them.
        """
        ...


@runtime_checkable
class KeepsCache(Protocol):
    """What an image builder has besides when its engine keeps steps of builds that may be bounded.

    Both methods raise :class:`~repo2docker_service.domain.errors.BuilderUnavailable` when the engine does not answer.
    """

    async def spare_cache(self) -> SpareCache | None:
        """Say what is kept beyond what the administrator wants; None when nothing is, or when no limit was set."""
        ...

    async def prune_cache(self) -> int:
        """Have that removed, as far as no build is using it, and give the bytes that this has freed."""
        ...


@runtime_checkable
class RemembersPushes(Protocol):
    """What an image builder has besides when it keeps the digests of what its builds have pushed."""

    async def pushed(self, builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:
        """Give the digests with which images were pushed, by the id of the build that made each.

        What is not remembered, or was not pushed, is left out. So is what cannot be found out; that never raises. What
        was found out before is given at once.

        Args:
            builds: ids of those that are asked about.
            patience: seconds after which what is not found out yet is left out.
        """
        ...


@runtime_checkable
class WatchesDisk(Protocol):
    """What an image builder has besides when it can tell how much space there is for images."""

    @property
    def disk_reserve(self) -> int:
        """Bytes that have to be free for a build to begin; 0 asks for none."""
        ...

    async def free_disk(self) -> int | None:
        """Give the bytes that are free where images are made; None where that cannot be seen from here.

        Raises:
            BuilderUnavailable: the engine does not answer.
        """
        ...


@runtime_checkable
class Warns(Protocol):
    """What a part has besides that can tell what an administrator should change about it, though it works as it is."""

    async def warnings(self) -> Sequence[str]:
        """Say in a sentence or two each what is the matter and what to do, at little cost; nothing where all is well.

        What they say is for administrators only, as it tells what is weak.

        Raises:
            Unavailable: it cannot be found out now.
        """
        ...
