"""A repository on a git server that has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

from repo2docker_service.adapters.sources.git.advertisement import Advertisement, read_advertisement
from repo2docker_service.adapters.sources.git.failures import HTTPS_ONLY, NO_GIT, NOT_FOUND, refused
from repo2docker_service.adapters.sources.git.http import Answer, GitHttp
from repo2docker_service.adapters.sources.git.keys import Key
from repo2docker_service.adapters.sources.git.permissions import Permissions
from repo2docker_service.adapters.sources.git.pkt_line import Marker, decode, encode
from repo2docker_service.adapters.sources.git.refs import RefList, listed_by_v2
from repo2docker_service.adapters.sources.git.rules import normal
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import InvalidInput, SourceForbidden, SourceUnreachable
from repo2docker_service.domain.inputs import check_address

MOST_REDIRECTS: Final = 3
MOST_BYTES: Final = 8 << 20
"""Bytes of refs that are read at most; some 100,000 refs."""

_LONG: Final = 1 << 17
_PAGE: Final = "/info/refs"
_QUERY: Final = "?service=git-upload-pack"
_V2: Final = {"Git-Protocol": "version=2"}
_ASK: Final = _V2 | {
    "Content-Type": "application/x-git-upload-pack-request",
    "Accept": "application/x-git-upload-pack-result",
}
_ADVERTISES: Final = "application/x-git-upload-pack-advertisement"
_RESULT: Final = "application/x-git-upload-pack-result"
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_DUMB: Final = "its server only hands out files. A server that speaks git's smart protocol is needed."

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class RemoteRepository:
    """Where a repository was found in the end, and what its server said first."""

    http: GitHttp
    address: str
    private_allowed: bool
    private: bool
    """Whether the way there was not open to everybody."""
    key: Key | None
    advertisement: Advertisement

    @property
    def credentials(self) -> Credentials | None:
        """With what it was opened."""
        return self.key.credentials if self.key else None

    async def refs(self, prefixes: Sequence[str], most: int = MOST_BYTES) -> RefList:
        """Give at least the refs whose full names begin with one of the prefixes, as far as so many bytes tell."""
        if self.advertisement.refs is not None:
            return self.advertisement.refs
        url, headers = f"{self.address}/git-upload-pack", _ASK | _shown(self.key)
        answer = await self.http.post(url, headers, _question(prefixes), most, private_allowed=self.private_allowed)
        _require_success(self.address, answer, self.key)
        if _content_type(answer) != _RESULT:
            raise SourceUnreachable(self.address, NO_GIT)
        return await _read(_listed, answer)


async def open_repository(
    http: GitHttp, address: str, permissions: Permissions, key: Key | None = None
) -> RemoteRepository:
    """Find the git server of an address, following a few redirects, though none with a key in hand.

    Raises:
        SourceForbidden: the address, or one that it redirects to, may not be contacted.
        SourceUnreachable: no git server answers.
    """
    hop, private = address, key is not None
    for _ in range(MOST_REDIRECTS + 1):
        private_allowed, private = permissions.may_be_private(hop), private or permissions.terms(hop).private
        if key is not None and not private_allowed and not hop.startswith("https:"):
            raise SourceForbidden("repo", HTTPS_ONLY)
        url = f"{hop}{_PAGE}{_QUERY}"
        answer = await http.get(url, _V2 | _shown(key), MOST_BYTES, private_allowed=private_allowed)
        if answer.status not in _REDIRECTS:
            _require_advertisement(address, answer, key)
            return RemoteRepository(http, hop, private_allowed, private, key, await _read(_advertised, answer))
        hop = _next_hop(address, url, answer)
        _require_same_place(address, hop, key)
        permissions.require_redirect(address, hop)
    raise SourceUnreachable(address, f"it redirects more than {MOST_REDIRECTS} times.")


async def _read(parse: Callable[[Answer], Parsed], answer: Answer) -> Parsed:
    # Tens of thousands of refs take long enough to be noticed by everyone else.
    return parse(answer) if len(answer.body) < _LONG else await asyncio.to_thread(parse, answer)


def _advertised(answer: Answer) -> Advertisement:
    return read_advertisement(answer.body, whole=answer.whole)


def _listed(answer: Answer) -> RefList:
    return listed_by_v2(decode(answer.body, whole=answer.whole), whole=answer.whole)


def _next_hop(address: str, url: str, answer: Answer) -> str:
    """Give the repository's address that a redirect leads to."""
    try:
        target = urlsplit(urljoin(url, answer.headers.get("location", "")))
        if not target.path.endswith(_PAGE):
            sentence = "it redirects to a page that is no repository; perhaps it is private."
            raise SourceUnreachable(address, sentence, may_be_private=True)
        if url.startswith("https:") and target.scheme != "https":
            raise SourceUnreachable(address, "it redirects to an address without https, which is not followed.")
        return check_address(f"{target.scheme}://{target.netloc}{target.path.removesuffix(_PAGE)}")
    except (ValueError, InvalidInput):
        raise SourceUnreachable(address, "it redirects to something that is no repository's address.") from None


def _require_same_place(address: str, hop: str, key: Key | None) -> None:
    """Let credentials go nowhere but where they are for: not to another repository, host or port, nor from http on."""
    if key is not None and normal(hop) != normal(address):
        raise SourceUnreachable(
            address, f"it redirects to {hop}, where these credentials are not shown. Give that address if it is right."
        )


def _shown(key: Key | None) -> dict[str, str]:
    return key.headers if key else {}


def _require_success(address: str, answer: Answer, key: Key | None) -> None:
    if answer.status != 200:
        raise refused(address, answer.status, answer.headers, key.refusal if key else NOT_FOUND)


def _require_advertisement(address: str, answer: Answer, key: Key | None) -> None:
    _require_success(address, answer, key)
    kind = _content_type(answer)
    if kind != _ADVERTISES:
        raise SourceUnreachable(address, _DUMB if kind in ("text/plain", "application/octet-stream", "") else NO_GIT)


def _content_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _question(prefixes: Sequence[str]) -> bytes:
    wanted = ["peel", "symrefs", *(f"ref-prefix {prefix}" for prefix in prefixes)]
    arguments = (encode(f"{line}\n".encode()) for line in wanted)
    return b"".join((encode(b"command=ls-refs\n"), encode(Marker.DELIMITER), *arguments, encode(Marker.FLUSH)))
