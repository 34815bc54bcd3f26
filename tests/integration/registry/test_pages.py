"""What a real registry tells page by page is read to the end, and not beyond."""

from __future__ import annotations

import json
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.integration.registry import faults
from tests.integration.registry.clients import client_of
from tests.integration.registry.images import REPOSITORY, Shelf, names, opened
from tests.integration.registry.proxy import Answer, Exchange, RegistryProxy
from tools.parts.registry import RunningRegistry
from tools.parts.registry_content import put_image, writing

from repo2docker_service.adapters.registries.v2.errors import BadAnswer

PAGE = 100
TAGS = f"GET /v2/{REPOSITORY}/tags/list"


async def test_more_repositories_than_fit_a_page_are_all_found(
    shelf: Shelf, server: RunningRegistry, proxy: RegistryProxy
) -> None:
    """Case 21."""
    put_image(server.url, "r2d/x", "latest", {})
    copies(server, "r2d", "x", 1001)
    last = await shelf.put("r2d/zzz")
    proxy.forget()

    async with opened(shelf) as registry:
        assert await names(registry) == [str(last.name)]

    assert len(proxy.seen("GET /v2/_catalog")) >= 2
    assert len(set(proxy.seen("GET /v2/r2d/.*/tags/list"))) == 1003


def copies(server: RunningRegistry, folder: str, repository: str, count: int) -> None:
    """Make repositories of the same content, far quicker than by pushing."""
    place = server.storage / "docker" / "registry" / "v2" / "repositories" / folder
    for number in range(count):
        shutil.copytree(place / repository, place / f"{repository}{number:04}")


def paged(exchange: Exchange) -> None:
    """Give tags a page at a time, as newer registries do; this one gives them all at once."""
    found = exchange.forward()
    if found.status == 200:
        page(exchange, found)
    exchange.send(found)


def page(exchange: Exchange, found: Answer) -> None:
    known = json.loads(found.body)
    last = parse_qs(urlsplit(exchange.request.target).query).get("last", [""])[0]
    later = sorted(tag for tag in known["tags"] if tag > last)
    if len(later) > PAGE:
        path = urlsplit(exchange.request.target).path
        found.put("Link", f'<{path}?n={PAGE}&last={later[PAGE - 1]}>; rel="next"')
    found.body = json.dumps(known | {"tags": later[:PAGE]}).encode()
    found.put("Content-Length", str(len(found.body)))


async def test_tags_on_many_pages_are_all_found(shelf: Shelf, server: RunningRegistry, proxy: RegistryProxy) -> None:
    """Case 25."""
    put_image(server.url, REPOSITORY, "first", {})
    tags = server.storage / "docker" / "registry" / "v2" / "repositories" / REPOSITORY / "_manifests" / "tags"
    for number in range(2499):
        shutil.copytree(tags / "first", tags / f"t{number:04}")
    proxy.on(TAGS, paged)

    async with client_of(proxy.url) as client:
        found = await client.tags(REPOSITORY)

    assert (len(found), found[0], found[-1]) == (2500, "first", "t2498")
    assert len(proxy.seen(TAGS)) == 2500 / PAGE


LINK = f"/v2/{REPOSITORY}/tags/list?last=a"


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        (f'<{LINK}>; rel="next"', ""),
        (f'<{{url}}{LINK}>; rel="next"', ""),
        (f'<http://127.0.0.1:9{LINK}>; rel="next"', "not at this registry"),
        (f'<http://registry.example.org{LINK}>; rel="next"', "not at this registry"),
        (f'<//registry.example.org{LINK}>; rel="next"', "not at this registry"),
        ('</elsewhere>; rel="next"', "not at this registry"),
        ('</v2/../x>; rel="next"', "not at this registry"),
    ],
)
async def test_the_next_page_is_only_looked_for_at_the_registry(
    shelf: Shelf, proxy: RegistryProxy, link: str, problem: str
) -> None:
    """Case 26."""
    await shelf.put(tag="a")
    proxy.forget()
    proxy.on(TAGS, faults.with_header("Link", link.replace("{url}", proxy.url)), times=1)

    async with client_of(proxy.url) as client:
        if problem:
            with pytest.raises(BadAnswer, match=problem):
                await client.tags(REPOSITORY)
        else:
            assert await client.tags(REPOSITORY) == ["a"]

    assert len(proxy.requests) == (1 if problem else 2)


async def test_pages_that_lead_in_a_circle_have_an_end(shelf: Shelf, proxy: RegistryProxy) -> None:
    """Case 26."""
    await shelf.put(tag="a")
    proxy.forget()
    proxy.on(TAGS, faults.with_header("Link", f'<{LINK}>; rel="next"'))

    async with client_of(proxy.url) as client:
        with pytest.raises(BadAnswer, match="no end"):
            await client.tags(REPOSITORY)

    assert len(proxy.requests) <= 3


async def test_a_registry_that_gives_smaller_pages_is_asked_for_what_it_gives(
    shelf: Shelf, proxy: RegistryProxy
) -> None:
    """Case 27."""
    image = await shelf.put()
    proxy.on(r"GET /v2/_catalog\?(.*&)?n=", faults.refuse(400, "PAGINATION_NUMBER_INVALID"))

    async with opened(shelf) as registry:
        assert await names(registry) == [str(image.name)]


async def test_tags_that_come_and_go_between_two_pages_do_no_harm(
    shelf: Shelf, server: RunningRegistry, proxy: RegistryProxy
) -> None:
    """Case 28."""
    images = await shelf.put_many(PAGE + 50)
    first, *_, last = sorted(images, key=str)
    late = shelf.name(tag="z" * 40)

    def meanwhile(exchange: Exchange) -> None:
        paged(exchange)
        with writing(server.url, REPOSITORY) as writer:
            writer.delete(images[first])
            writer.delete(images[last])
        put_image(server.url, REPOSITORY, late.tag, shelf.labels(late)[1])

    proxy.on(TAGS, paged)
    proxy.on(TAGS, meanwhile, times=1)
    async with opened(shelf) as registry:
        listed = await registry.list()

    found = {image.name for image in listed.images}
    assert found == {*images, late} - {first, last}
    assert not listed.stale
