"""Lists are read to their end, and only from the registry; and a list that failed is never an empty one."""

import json
from collections.abc import Callable

import pytest
from tests.unit.adapters.v2.asking import client_of
from tests.unit.adapters.v2.scripted import Asked, Reply, in_turn, json_of, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused, RegistryError, Unauthorized
from repo2docker_service.adapters.registries.v2.protocol import pagination
from repo2docker_service.adapters.registries.v2.protocol.catalog import beyond, names_below
from repo2docker_service.adapters.registries.v2.protocol.pagination import next_path

BASE = "http://registry.example:5000"
HEX = "0a" * 32


def paged(pages: list[list[str]], key: str, link: str = '<{path}?last={page}>; rel="next"') -> Callable[[Asked], Reply]:
    """Serve a list in pages."""

    def play(asked: Asked) -> Reply:
        page = int(dict(asked.query).get("last", 0))
        reply = {key: pages[page]}
        if page == len(pages) - 1:
            return json_of(reply)
        here = f"http://{asked.headers['host']}"
        return json_of(reply, Link=link.format(path=asked.path, page=page + 1, here=here))

    return play


@pytest.mark.served
@pytest.mark.parametrize(
    "reply",
    [
        json_of({"name": "r", "tags": None}),
        json_of({"name": "r", "tags": []}),
        json_of({"name": "r"}),
        refusing(404, "NAME_UNKNOWN"),
        Reply(404, b"404 page not found"),
    ],
)
async def test_a_repository_without_tags_has_none_however_that_is_said(reply: Reply) -> None:
    """Case 24."""
    async with serving(in_turn(reply)) as server, client_of(server.url) as client:
        assert await client.tags("r") == []


@pytest.mark.served
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusing(403, "DENIED"), Unauthorized),
        (refusing(500), Refused),
        (refusing(400), Refused),
        (Reply(body=b"<html>"), BadAnswer),
        (Reply(body=b"[]"), BadAnswer),
        (Reply(body=b'{"a":' * 100_000), BadAnswer),
        (Reply(body=b'{"tags": ' + b"9" * 10_000 + b"}"), BadAnswer),
        (Reply(body=b" " * (1 << 20) + b"{}"), BadAnswer),
        (Reply(301, headers={"Location": "/elsewhere"}), BadAnswer),
    ],
)
async def test_a_list_that_failed_is_not_an_empty_one(reply: Reply, error: type[RegistryError]) -> None:
    async with serving(in_turn(reply)) as server, client_of(server.url) as client:
        with pytest.raises(error):
            await client.tags("r")


@pytest.mark.served
async def test_a_catalog_that_failed_is_not_an_empty_one() -> None:
    for status, error in ((401, Unauthorized), (404, NotFound), (405, Refused), (501, Refused)):
        async with serving(in_turn(refusing(status))) as server, client_of(server.url) as client:
            with pytest.raises(error):
                await client.repositories("r")


@pytest.mark.served
async def test_all_pages_are_read_by_links_of_both_kinds() -> None:
    """Cases 25 and 26."""
    for link in (
        '<{path}?last={page}>; rel="next"',
        "<{here}{path}?last={page}>;rel=next",
        '<?last={page}>;a="b";rel="next"',
    ):
        pages = [[f"t{page}-{number}" for number in range(500)] for page in range(5)]
        async with serving(paged(pages, "tags", link)) as server, client_of(server.url) as client:
            assert await client.tags("r") == sorted(tag for page in pages for tag in page)
            assert len(server.requests) == 5


@pytest.mark.served
@pytest.mark.parametrize(
    "link",
    [
        '<http://127.0.0.1:1{path}?last={page}>; rel="next"',
        '<http://elsewhere.example{path}?last={page}>; rel="next"',
        '<//elsewhere.example{path}?last={page}>; rel="next"',
        '<file:///etc/passwd>; rel="next"',
        '</v2/../secret>; rel="next"',
        '</v2/%2E%2e/secret>; rel="next"',
        '</secret>; rel="next"',
        '<http://user@elsewhere.example/v2/>; rel="next"',
        '</v2/r/tags/list?last=\\>; rel="next"',
        "<{path}>; rel=next",
        '<?last=0>; rel="next"',
    ],
)
async def test_a_link_that_leads_elsewhere_or_nowhere_is_not_followed(link: str) -> None:
    """Case 26: other hosts, other places of this one, and circles."""
    pages = [["a"], ["b"], ["c"]]
    async with serving(paged(pages, "tags", link)) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer):
            await client.tags("r")

        assert all(asked.path == "/v2/r/tags/list" for asked in server.requests)
        assert len(server.requests) <= 3


def test_a_link_to_the_same_registry_without_encryption_is_not_followed() -> None:
    """Case 26."""
    with pytest.raises(BadAnswer):
        next_path("https://registry.example", "/v2/_catalog", ['<http://registry.example/v2/_catalog?n=1>; rel="next"'])


@pytest.mark.parametrize(
    ("links", "path"),
    [
        (['</v2/a?b>; rel="next"'], "/v2/a?b"),
        (['</v2/z>; rel="prev", </v2/a?b=c,d;e>; rel="next"'], "/v2/a?b=c,d;e"),
        (['</v2/z>; rel="last"', "</v2/a>; REL=NEXT"], "/v2/a"),
        (['</v2/a>; title="rel=next"; rel="start next"'], "/v2/a"),
        (['</v2/a>; title="x; rel=next"; rel="prev"'], None),
        (["</v2/a>; rel=nextish"], None),
        (['</v2/a>; rel="prev"'], None),
        ([f'<{BASE}/v2/a>; rel="next"'], "/v2/a"),
        ([f'<{BASE.upper()}/v2/a>; rel="next"'], "/v2/a"),
        (["</v2/a>"], None),
        (["nonsense", ""], None),
        ([], None),
    ],
)
def test_the_next_page_is_found_among_all_links(links: list[str], path: str | None) -> None:
    assert next_path(BASE, "/v2/_catalog", links) == path


@pytest.mark.served
async def test_a_list_that_makes_no_progress_ends_and_is_not_believed() -> None:
    async with serving(lambda asked: json_of({"tags": []}, Link=f"<{asked.target}0>; rel=next")) as server:
        async with client_of(server.url) as client:
            with pytest.raises(BadAnswer, match="no end"):
                await client.tags("r")
        assert len(server.requests) == 11


@pytest.mark.served
async def test_a_list_may_have_pages_of_which_we_may_see_nothing() -> None:
    pages = [["a"], [], [], ["b"]]
    async with serving(paged(pages, "tags")) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["a", "b"]


@pytest.mark.served
async def test_a_list_of_more_names_than_anybody_can_hold_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "_MOST_ROOM", 1_000_000)

    def play(asked: Asked) -> Reply:
        number = int(dict(asked.query).get("page", 0))
        return json_of({"tags": [f"t{number}-{each}" for each in range(1000)]}, Link=f"<?page={number + 1}>; rel=next")

    async with serving(play) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer, match="no end"):
            await client.tags("r")
        assert len(server.requests) == 10


@pytest.mark.served
async def test_a_list_without_end_is_given_up() -> None:
    def play(asked: Asked) -> Reply:
        number = int(dict(asked.query).get("page", 0))
        return json_of({"tags": [f"t{number}"]}, Link=f"<?page={number + 1}>; rel=next")

    async with serving(play) as server, client_of(server.url) as client:
        with pytest.raises(BadAnswer, match="no end"):
            await client.tags("r")
        assert len(server.requests) == 1000


@pytest.mark.served
async def test_names_that_come_twice_or_in_disorder_are_given_once_and_in_order() -> None:
    """Case 28: what is added or removed between two pages moves the others."""
    pages = [["b", "C", "a"], ["a", "d"], ["b", "c"]]
    async with serving(paged(pages, "tags")) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["C", "a", "b", "c", "d"]


@pytest.mark.served
async def test_tags_of_signatures_and_tags_that_cannot_be_are_left_out() -> None:
    """Case 29."""
    hidden = [f"sha256-{HEX}", f"sha256-{HEX}.sig", f"sha256-{HEX}.att", f"sha256-{HEX}.sbom"]
    shown = [f"sha256-{HEX}.txt", f"sha256-{HEX[1:]}", f"sha512-{HEX}"]
    odd = ["", "..", "a/b", "a\n", 7, None, "x" * 200, "\u202ea"]
    reply = json_of({"tags": [*hidden, *shown, *odd]})
    async with serving(in_turn(reply)) as server, client_of(server.url) as client:
        assert await client.tags("r") == sorted(shown)


def catalog_of(
    names: list[str], refuse: Callable[[dict[str, str]], str], key: Callable[[str], str] = str
) -> Callable[[Asked], Reply]:
    """Serve a catalog in pages of three, unless it is asked for in a way that ``refuse`` has a code for."""

    def play(asked: Asked) -> Reply:
        query = dict(asked.query)
        if asked.path != "/v2/_catalog":
            return json_of({"tags": ["a"]}) if asked.path.split("/")[2] in names else refusing(404)
        if code := refuse(query):
            return refusing(400, code)
        left = [name for name in sorted(names, key=key) if key(name) > key(query.get("last", ""))]
        page = {"repositories": left[:3]}
        return json_of(page, Link=f'</v2/_catalog?last={left[2]}>; rel="next"') if len(left) > 3 else json_of(page)

    return play


def slash_first(name: str) -> str:
    return name.replace("/", "\0")


NAMES = [
    *("a/b", "a/c", "prefix", "prefix-x", "prefix.y", "prefix/a", "prefix/b/c", "prefix/d", "prefix/e"),
    *("prefix0", "prefix2/a", "prefixes", "z/1", "z/2", "z/3", "z/4", "z/5", "z/6"),
]
WANTED = ["prefix", "prefix/a", "prefix/b/c", "prefix/d", "prefix/e"]


@pytest.mark.served
@pytest.mark.parametrize("key", [str, slash_first])
async def test_of_the_catalog_only_the_part_below_the_prefix_is_read(key: Callable[[str], str]) -> None:
    """Case 23."""
    async with serving(catalog_of(NAMES, lambda _: "", key)) as server, client_of(server.url) as client:
        assert await client.repositories("prefix") == WANTED

        catalog = [asked for asked in server.requests if asked.path == "/v2/_catalog"]
        assert catalog[0].query == [("n", "1000"), ("last", "prefix/")]
        assert len(catalog) <= 3


@pytest.mark.served
async def test_the_repository_called_like_the_prefix_is_only_there_when_it_is() -> None:
    names = [name for name in NAMES if name != "prefix"]
    async with serving(catalog_of(names, lambda _: "")) as server, client_of(server.url) as client:
        assert await client.repositories("prefix") == WANTED[1:]


@pytest.mark.served
async def test_a_catalog_with_shorter_pages_is_asked_without_a_length() -> None:
    """Case 27."""
    play = catalog_of(NAMES, lambda query: "PAGINATION_NUMBER_INVALID" if int(query.get("n", 0)) > 100 else "")
    async with serving(play) as server, client_of(server.url) as client:
        assert await client.repositories("prefix") == WANTED
        assert await client.repositories("") == sorted(NAMES)
        assert await client.repositories("prefix") == WANTED
        assert await client.repositories("") == sorted(NAMES)

        # Once for each of the two, and then never again.
        assert sum("/_catalog?n=" in asked for asked in server.said) == 2


@pytest.mark.served
async def test_a_catalog_that_begins_only_at_names_that_exist_is_read_from_the_start() -> None:
    play = catalog_of(NAMES, lambda query: "BAD_REQUEST" if query.get("last", NAMES[0]) not in NAMES else "")
    async with serving(play) as server, client_of(server.url) as client:
        assert await client.repositories("prefix") == WANTED


@pytest.mark.served
async def test_tags_are_asked_without_a_length_where_that_is_too_much() -> None:
    """Case 27."""

    def play(asked: Asked) -> Reply:
        return refusing(400, "PAGINATION_NUMBER_INVALID") if asked.query else json_of({"tags": ["a"]})

    async with serving(play) as server, client_of(server.url) as client:
        assert await client.tags("r") == ["a"]


@pytest.mark.parametrize(
    ("page", "last"),
    [
        (["prefix/a", "prefix/z"], False),
        (["prefix/a", "prefix-x"], False),
        (["prefix-x"], False),
        (["prefix/z", "prefix0"], True),
        (["prefix2/a"], True),
        (["prefix/z", "prefix-x", "prefix0"], True),
        (["q"], True),
        (["a", "b"], False),
        (["q", "prefix/a", "r"], False),
        ([], False),
    ],
)
def test_a_page_is_the_last_one_only_when_it_is_in_order_and_goes_beyond(page: list[str], last: bool) -> None:
    assert beyond("prefix")(page) is last


def test_names_below_a_prefix_do_not_merely_begin_like_it() -> None:
    """Case 23: and what cannot be a name is not given, even if it is there."""
    names = json.loads('["prefix2/a", "prefix/../x", "prefix/A", "prefix/a\\n", "prefix/a", "prefix", "a/prefix"]')

    assert names_below("prefix", names) == ["prefix", "prefix/a"]
