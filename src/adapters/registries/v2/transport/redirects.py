"""Follows a registry to where it keeps its blobs, without showing that place who we are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin

from repo2docker_service.adapters.addresses import MetadataAddress, check_name_policy
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, ConnectionFailed, Refused
from repo2docker_service.adapters.registries.v2.transport.http import Answer, RegistryHttp
from repo2docker_service.adapters.registries.v2.transport.origins import Origin
from repo2docker_service.adapters.registries.v2.transport.refusals import MAY_PASS

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_MOST: Final = 5
_ABSENT: Final = 404


async def follow(
    http: RegistryHttp, answer: Answer, headers: Mapping[str, str], authorization: str, most: int
) -> Answer:
    """Give the answer that an answer redirects to; itself when it does not.

    Args:
        http: makes the requests.
        answer: the registry's.
        headers: what was asked besides.
        authorization: what the registry was shown, and only it may see.
        most: the longest answer that is wanted, in bytes.

    Raises:
        BadAnswer: it leads nowhere, or where nobody should go.
        Refused: the storage refuses. That is not for the credentials of the registry to mend.
    """
    registry = Origin.of(answer.url)
    at_home = True
    for _ in range(_MOST):
        if answer.status not in _REDIRECTS:
            return answer
        url = _target(answer, registry)
        target = Origin.of(url)
        at_home = at_home and target == registry
        shown = {"Authorization": authorization} if at_home and authorization else {}
        answer = await _get(http, url, {**headers, **shown}, most)
        if not at_home:
            _check(answer, target)
    if answer.status in _REDIRECTS:
        raise BadAnswer("it redirects without end")
    return answer


async def _get(http: RegistryHttp, url: str, headers: dict[str, str], most: int) -> Answer:
    try:
        return await http.send("GET", url, headers, most=most)
    except ConnectionFailed as error:
        raise ConnectionFailed(f"its storage {Origin.of(url).host}: {error.problem}", again=error.again) from error


def _target(answer: Answer, registry: Origin) -> str:
    location = str(answer.headers.get("Location", "")).partition("#")[0]
    try:
        url = urljoin(answer.url, location)
        target = Origin.of(url)
        check_name_policy(target.host, private_allowed=True)
    except (ValueError, MetadataAddress):
        raise BadAnswer("it redirects to where nobody should go") from None
    if registry.secure and not target.secure:
        raise BadAnswer(f"it redirects to {target.host} without encryption")
    return url


def _check(answer: Answer, storage: Origin) -> None:
    if answer.status >= 400 and answer.status != _ABSENT:
        raise Refused(
            f"its storage {storage.host} answered with status {answer.status}",
            status=answer.status,
            again=answer.status in MAY_PASS,
        )
