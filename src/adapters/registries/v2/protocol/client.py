"""What this service asks registries, by the protocol of their version 2."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.credentials import Credentials
from repo2docker_service.adapters.registries.v2.errors import LoginFailed, NotFound, Refused, Unauthorized, is_absent
from repo2docker_service.adapters.registries.v2.protocol.artifacts import ArtifactClient
from repo2docker_service.adapters.registries.v2.protocol.catalog import PAGE, beyond, names_below, queries
from repo2docker_service.adapters.registries.v2.protocol.contents import Contents
from repo2docker_service.adapters.registries.v2.protocol.lists import Lists
from repo2docker_service.adapters.registries.v2.protocol.manifests import Summary
from repo2docker_service.adapters.registries.v2.protocol.pagination import never
from repo2docker_service.adapters.registries.v2.protocol.references import (
    DIGEST,
    LOG_TAG,
    REFERRERS_TAG,
    TAG,
    check_digest,
    check_reference,
    check_repository,
)
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Log, Session
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.retrying import Retries

_CATALOG: Final = "registry:catalog:*"


class RegistryClient:
    """Asks one registry, and understands what it answers.

    Every call raises a ``RegistryError`` when the registry cannot be asked, or does not answer as it must, and a
    ``ValueError`` for names that cannot be, before anything is asked.

    Args:
        url: ``https://host`` or ``https://host:port``; or with ``http``.
        http: makes the requests; closed with this client.
        credentials: who to be.
        token_realm_hosts: hosts that may hand out tokens; when empty, that is left to the registry, within reason.
        retries: when to try again.
        unauthorized_is_absent: take what one may not see for what is not there. Some registries do not tell which.
        log: where requests and warnings of the registry are written, without secrets.
    """

    def __init__(
        self,
        url: str,
        http: RegistryHttp,
        credentials: Credentials,
        *,
        token_realm_hosts: Collection[str] = (),
        retries: Retries = Retries(),  # noqa: B008 (a constant)
        unauthorized_is_absent: bool = False,
        log: Log | None = None,
    ) -> None:
        self._http = http
        self._unauthorized_is_absent = unauthorized_is_absent
        self._session = Session(
            url,
            http,
            credentials,
            token_realm_hosts=token_realm_hosts,
            retries=retries,
            log=log or logging.getLogger(__name__),
        )
        self._lists = Lists(self._session)
        self._contents = Contents(self._session)
        self.artifacts = ArtifactClient(self._session, unauthorized_is_absent=unauthorized_is_absent)

    @property
    def warnings(self) -> deque[str]:
        """What the registry lately wanted people to know."""
        return self._session.warnings

    async def ping(self) -> None:
        """See that a registry answers, and lets us in. It may still refuse everything else."""
        await self._session.ask(Call("GET", "/v2/", scope=""))

    async def repositories(self, prefix: str) -> list[str]:
        """Give the repository of that name, and all below it, in order; all there are for an empty prefix.

        Raises:
            Refused: the registry has no list, or none for us. This does not mean that it has no repositories.
        """
        if prefix:
            check_repository(prefix)
        query, names = await self._lists.names(
            "/v2/_catalog", _CATALOG, "repositories", queries(prefix), beyond(prefix)
        )
        if "last=" in query and await self.is_repository(prefix):
            names.append(prefix)
        return names_below(prefix, names)

    async def tags(self, repository: str) -> list[str]:
        """Give the tags of a repository in order, without those that only hold signatures, logs and the like of others.

        None when there is no such repository: registries forget repositories without tags, or do not.
        """
        tags = await self._all_tags(repository)
        wanted = (tag for tag in tags if TAG.fullmatch(tag) and not REFERRERS_TAG.fullmatch(tag))
        return sorted(tag for tag in wanted if not LOG_TAG.fullmatch(tag))

    async def log_tags(self, repository: str) -> list[str]:
        """Give the tags of a repository that hold archived logs; none when there is no such repository."""
        return [tag for tag in await self._all_tags(repository) if LOG_TAG.fullmatch(tag)]

    async def _all_tags(self, repository: str) -> list[str]:
        check_repository(repository)
        try:
            return await self._tags(repository)
        except (NotFound, Unauthorized) as error:
            self._raise_unless_absent(error)
            return []

    async def digest(self, repository: str, reference: str) -> str | None:
        """Give the digest that a tag, or a digest, stands for at this moment; None when there is no such thing."""
        check_repository(repository)
        check_reference(reference)
        try:
            return await self._contents.digest(repository, reference)
        except (NotFound, Unauthorized) as error:
            self._raise_unless_absent(error)
            return None

    async def summary(self, repository: str, digest: str) -> Summary:
        """Give what is to be known of a manifest. Nothing of it is believed before its digest is checked.

        Raises:
            NotFound: there is no such manifest.
        """
        return await self._contents.summary(check_repository(repository), check_digest(digest))

    async def tagged(self, repository: str, tag: str) -> Summary | None:
        """Give what is to be known of the manifest that a tag points to at this moment; None when there is none."""
        check_repository(repository)
        check_reference(tag)
        try:
            return await self._contents.summary(repository, tag)
        except (NotFound, Unauthorized) as error:
            self._raise_unless_absent(error)
            return None

    async def layers(self, repository: str, digest: str) -> Sequence[str]:
        """Give the digests of the layers that an image has there, each once.

        Raises:
            NotFound: there is no such manifest.
        """
        return await self._contents.layers(check_repository(repository), check_digest(digest))

    async def gives(self, repository: str, digest: str) -> bool:
        """Say whether a blob can be read, by reading its beginning: what it is called to have is not enough.

        Raises:
            BrokenOff: the registry breaks off, as it does with a blob that it has lost.
        """
        return await self._contents.gives(check_repository(repository), check_digest(digest))

    async def tells_of(self, repository: str, tag: str) -> bool:
        """Say whether it tells us anything of an image or its repository, if only that there is none."""
        check_repository(repository)
        check_reference(tag)
        return await _is_told(self._contents.digest(repository, tag)) or await _is_told(self._some_tags(repository))

    async def is_repository(self, name: str) -> bool:
        """Say whether there is a repository of that name, as far as we may see it."""
        try:
            await self._some_tags(check_repository(name))
        except NotFound:
            return False
        except LoginFailed:
            raise
        except Unauthorized:
            return False
        return True

    async def delete(self, repository: str, reference: str) -> bool:
        """Delete a tag, or a manifest with all its tags, and tell whether it was there.

        Raises:
            Refused: with status 405 or 400 where the registry does not do this.
        """
        path = f"/v2/{check_repository(repository)}/manifests/{check_reference(reference)}"
        # A tag may be another image's by the time one tries again; a digest is always the same thing.
        repeatable = DIGEST.fullmatch(reference) is not None
        try:
            await self._session.ask(Call("DELETE", path, f"repository:{repository}:delete", repeatable=repeatable))
        except NotFound:
            return False
        return True

    async def delete_logs(self, repository: str, digest: str) -> None:
        """Delete what this service has put beside an image: the logs of its builds."""
        await self.artifacts.delete_logs(repository, digest)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    def _raise_unless_absent(self, error: Refused) -> None:
        if not is_absent(error, unauthorized=self._unauthorized_is_absent):
            raise error

    async def _tags(self, repository: str, enough: Callable[[Sequence[str]], bool] = never) -> list[str]:
        path, scope = f"/v2/{repository}/tags/list", f"repository:{repository}:pull"
        _, tags = await self._lists.names(path, scope, "tags", (f"?{PAGE}", ""), enough)
        return tags

    async def _some_tags(self, repository: str) -> list[str]:
        return await self._tags(repository, enough=lambda _: True)


async def _is_told(question: Awaitable[object]) -> bool:
    try:
        await question
    except NotFound:
        return True
    except Unauthorized:
        return False
    return True
