"""What the domain asks of the world. Each docstring is a contract that the suites in ``testing`` check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from repo2docker_service.domain.catalog import CatalogEntry
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    Destination,
    Identity,
    Image,
    ImageList,
    ImageName,
    LogChunk,
    Owner,
    Source,
)
from repo2docker_service.domain.policy import Action
from repo2docker_service.domain.resolved import NamedRef, ResolvedSource, SourceTerms
from repo2docker_service.domain.servers import Launch, Server, ServerProgress


class ImageBuilder(Protocol):
    """Turns plans into images and keeps the record of every build.

    The record outlives the process: two builders of one installation see the same builds.
    Every method raises :class:`~repo2docker_service.domain.errors.BuilderUnavailable` when the engine does not answer.
    """

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,
        credentials: Credentials | None = None,
    ) -> Build:
        """Record the plan and see to it that it is built once, delivered to the destination.

        A build of the same image that has not ended is joined: it is returned with ``joined`` set and the plan is
        dropped. One that has ended stays listed beside the new one. Once this returns the build is never lost; when it
        is interrupted the build is either recorded or not there at all.

        An image that an earlier build made and could not deliver may be delivered instead of being made again, unless
        ``anew`` is set.

        Credentials open the plan's repository and no other. They are kept sealed until the build begins, for an hour
        at most, and are gone before anything of the repository is read; a build that waits longer ends as
        ``source-unreachable``.
        """
        ...

    async def list(self) -> Sequence[Build]:
        """Give all builds of this installation, in no order."""
        ...

    async def get(self, build_id: str) -> Build:
        """Give one build as it is now.

        Raises:
            BuildNotFound: there is none.
        """
        ...

    async def cancel(self, build_id: str) -> Build:
        """End a build; when this returns, nothing of it runs and no image of it will appear.

        Its record and log are kept. Safe to call twice: a cancelled build stays cancelled.

        Raises:
            BuildNotFound: there is none.
            BuildFinished: it has succeeded or failed before.
        """
        ...

    async def forget(self, build_id: str) -> None:
        """Remove the record and log of a build that has ended. Its image stays.

        Raises:
            BuildNotFound: there is none (any more).
            BuildActive: it has not ended.
        """
        ...

    def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
        """Read a log in order, without gap or repeat, from its start or after a cursor.

        The cursor is that of an earlier chunk, perhaps read by another process, or the bare number of a line. With
        ``follow``, wait for more until the build has ended and its last line was given; a queued build is waited for.
        Closing the iterator frees all it holds.

        Raises:
            BadCursor: no builder of this kind gave out such a cursor; raised by the call itself.
            BuildNotFound: there is none.
            LogCollected: the build is known, and its log is gone; raised before any line is given.
        """
        ...

    async def settings(self) -> str:
        """Give the settings that shape images, as an image that is built now records them.

        Cheap, and never raises: empty while it cannot be found out, or where nothing shapes images.
        :func:`~repo2docker_service.domain.build_settings.written_settings` writes them.
        """
        ...

    def watch(self) -> AsyncIterator[Build]:
        """Give each build whenever it changed, from now on, until closed.

        Changes that follow each other quickly may come as one. After an interruption of the engine every build that
        changed meanwhile is given.
        """
        ...


class Registry(Protocol):
    """Where finished images are kept.

    Only images that this installation built are seen; labels that are not signed by it are not trusted. Every method
    that waits raises :class:`~repo2docker_service.domain.errors.RegistryUnavailable` when the registry does not answer.
    """

    after_delete: str
    """A sentence for who deleted an image, as on when the space is free; empty when there is nothing to say."""

    def destination(self, repository: str, tag: str) -> Destination:
        """Say what an image of this repository and tag is called here, and whether it must be pushed."""
        ...

    async def find(self, image: ImageName) -> Image | None:
        """Give the image of that name, or None when it is not there (or is not ours)."""
        ...

    async def list(self) -> ImageList:
        """Give all images, in no order. A failure is never an empty list."""
        ...

    async def recall(self, image: ImageName) -> Image | None:
        """Give the image of that name as :meth:`list` would show it: cheaper than :meth:`find`, and perhaps not new."""
        ...

    async def guards(self, image: ImageName) -> bool:
        """Whether nobody can read an image of this name without credentials of this registry, or a way to its engine.

        Images that are private may only be kept where this is so.
        """
        ...

    async def delete(self, image: ImageName, digest: str, *, siblings: bool = False) -> None:
        """Remove the image if its name still points to the digest.

        Args:
            image: what to remove.
            digest: what the caller saw under that name.
            siblings: also remove the other names of that digest.

        Raises:
            ImageNotFound: it is not there (any more).
            ImageMoved: the name points to another digest.
            ImageInUse: something runs from it.
            ImageHasSiblings: other names would vanish too and ``siblings`` is not set.
            DeletionRefused: nothing can be deleted here, or not by this service.
        """
        ...

    def watch(self) -> AsyncIterator[ImageName]:
        """Give the name of each image that appeared, changed or vanished, from now on, until closed."""
        ...


class Authorizer(Protocol):
    """Knows people and what they may do."""

    async def identify(self, token: str, *, fresh: bool = False) -> Identity:
        """Say who holds this token.

        Args:
            token: what the caller has sent.
            fresh: find out now, whatever was found a moment ago; what changes something asks so.

        Raises:
            Unauthenticated: nobody does.
            Forbidden: who does may not use this service at all.
            AuthorizerUnavailable: it cannot be found out now.
        """
        ...

    def allows(self, who: Identity, action: Action, owner: Owner | None) -> bool:
        """Whether the identity's scopes cover this action on something of that owner.

        ``owner`` None asks for the scope without any filter. Private items and group membership are the domain's to
        judge.
        """
        ...


class SourceResolver(Protocol):
    """Reads what a git repository offers, without its content."""

    def terms(self, address: str) -> SourceTerms:
        """Say on which terms people may build from an address in normal form. Cheap, and asks no network."""
        ...

    async def resolve(self, source: Source, credentials: Credentials | None = None) -> ResolvedSource:
        """Find the commit of the source's ref: a branch, a tag (peeled), ``HEAD`` or a full commit. Exact names only.

        A branch goes before a tag of the same name. A full commit is believed without being looked up, but only of a
        repository that answers.

        Credentials are shown to the server of this very address only; without any, the administrator's for the address
        are used where there are some. With which it was opened is told in the answer.

        Raises:
            InvalidInput: the address is none.
            RefNotFound: the repository has no such ref; near ones are offered.
            SourceForbidden: the address may not be contacted.
            SourceUnreachable: it does not answer, or not without a credential, or not with this one.
        """
        ...

    async def refs(
        self, address: str, prefix: str = "", limit: int = 50, credentials: Credentials | None = None
    ) -> Sequence[NamedRef]:
        """Give branches, then tags, whose names begin with a prefix, for completion: the default branch first.

        Of a branch and a tag with the same name only that is given which the name alone stands for.

        Raises:
            InvalidInput: the address is none.
            SourceForbidden: the address may not be contacted.
            SourceUnreachable: it does not answer, or not without a credential.
        """
        ...


class ServerLauncher(Protocol):
    """Starts servers from images on behalf of the caller.

    It does so with the caller's own token: nobody does more here than at the hub. Every method that takes one raises
    :class:`~repo2docker_service.domain.errors.LauncherUnavailable` when what starts servers does not answer, and
    ``Unauthenticated`` or ``Forbidden`` when the token is not good for it.
    """

    named_servers: bool
    """Whether one person may have several servers, each with a name."""

    async def offered(self) -> bool:
        """Whether servers can be started from images here at all; remembered for some time, and never raises."""
        ...

    async def list(self, who: Identity, token: str) -> Sequence[Server]:
        """Give the caller's servers, stopped ones with a name too, in no order."""
        ...

    async def start(self, who: Identity, token: str, launch: Launch) -> Server:
        """Begin to start a server, and give it as it is then: starting, or ready already.

        A server of that name that has stopped is started anew, from what is asked for now. One that starts or runs
        from the same image is given as it is.

        Raises:
            ServerBusy: a server of that name runs from something else, or is stopping.
            LaunchRefused: the hub does not start this image for this person.
            TooManyServers: the hub starts no more.
            InvalidInput: the hub does not take the server's name.
        """
        ...

    async def stop(self, who: Identity, token: str, name: str) -> None:
        """Stop a server; one with a name is removed too. Done when it is on its way.

        Raises:
            ServerNotFound: there is none (any more).
            ServerBusy: it is still starting and cannot be stopped yet.
        """
        ...

    def progress(self, who: Identity, token: str, name: str) -> AsyncIterator[ServerProgress]:
        """Give how far a start is, until the server is ready or has failed; of one that is ready, just that.

        Closing the iterator frees all it holds, and does not stop the server.

        Raises:
            ServerNotFound: there is none, or it has stopped and does not start.
        """
        ...


class Catalog(Protocol):
    """What the administrator says of images."""

    def entries(self) -> Sequence[CatalogEntry]:
        """Give what is said now. Cheap, and never raises: what cannot be read leaves what was said before."""
        ...
