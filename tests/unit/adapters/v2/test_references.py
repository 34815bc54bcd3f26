"""What does not look like a repository, a tag or a digest never becomes part of a URL."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.v2.asking import client_of
from tests.unit.adapters.v2.scripted import in_turn, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import NotFound
from repo2docker_service.adapters.registries.v2.protocol.references import (
    check_digest,
    check_reference,
    check_repository,
    check_tag,
)

DIGEST = f"sha256:{'0a' * 32}"

GOOD_REPOSITORIES = ["a", "a/b", "a-b/c_d/e__f/g.h", "a---b", "0/1", "a" * 255]
BAD_REPOSITORIES = [
    "",
    "..",
    "a/../b",
    "a/..",
    "a/%2e%2e/b",
    "a#b",
    "a?b",
    "a\n",
    "a b",
    "A",
    "a/B",
    "a//b",
    "/a",
    "a/",
    "a___b",
    "a..b",
    "-a",
    "a-",
    "a" * 256,
    "\uff41",  # a fullwidth letter
    "a\u0661",  # an Arabic digit
    "host:5000/a",
]
GOOD_TAGS = ["a", "_", "A.b-c_9", "x" * 128]
BAD_TAGS = ["", ".a", "-a", "a/b", "a:b", "a\n", "..", "a?b", "a#b", "%2e", "x" * 129, "\uff41"]
BAD_DIGESTS = ["", "sha256:", DIGEST.upper(), DIGEST[:-1], f"{DIGEST}0", f"{DIGEST}\n", "md5:" + "0" * 32, "0" * 64]


@pytest.mark.parametrize("name", GOOD_REPOSITORIES)
def test_names_of_repositories_are_given_back(name: str) -> None:
    assert check_repository(name) == name


@pytest.mark.parametrize("name", BAD_REPOSITORIES)
def test_what_cannot_be_a_repository_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no repository"):
        check_repository(name)


@pytest.mark.parametrize("tag", GOOD_TAGS)
def test_tags_are_given_back(tag: str) -> None:
    assert check_tag(tag) == check_reference(tag) == tag


@pytest.mark.parametrize("tag", BAD_TAGS)
def test_what_cannot_be_a_tag_is_refused(tag: str) -> None:
    for check in (check_tag, check_reference):
        with pytest.raises(ValueError, match="no tag"):
            check(tag)


@pytest.mark.parametrize("digest", BAD_DIGESTS)
def test_what_cannot_be_a_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="no digest"):
        check_digest(digest)


@pytest.mark.parametrize("digest", [DIGEST, f"sha512:{'0' * 128}"])
def test_digests_are_given_back(digest: str) -> None:
    assert check_digest(digest) == check_reference(digest) == digest


pieces = st.lists(
    st.sampled_from(["a", "0", "A", "-", "_", "__", ".", "..", "/", ":", "@", "%2e", "#", "?", "\\", DIGEST])
)
any_names = st.one_of(
    st.text(max_size=300), pieces.map("".join), st.from_regex(r"[a-z0-9]+([._/-][a-z0-9]+)*", fullmatch=True)
)


@pytest.mark.parametrize("check", [check_repository, check_tag, check_reference, check_digest])
@given(name=any_names)
def test_what_is_accepted_is_one_piece_of_an_address_that_no_client_reads_otherwise(
    check: Callable[[str], str], name: str
) -> None:
    try:
        accepted = check(name)
    except ValueError:
        return

    url = httpx.URL(f"https://registry.example/v2/{accepted}/manifests/latest")
    assert (accepted, accepted.isascii()) == (name, True)
    assert url.raw_path.decode() == f"/v2/{name}/manifests/latest"
    assert (url.host, url.query, url.fragment) == ("registry.example", b"", "")
    assert not {"", ".", ".."} & set(name.split("/"))


@pytest.mark.served
async def test_nothing_is_asked_about_a_name_that_cannot_be() -> None:
    """Case 54."""
    async with serving(in_turn(refusing(404))) as server, client_of(server.url) as client:
        for name in BAD_REPOSITORIES:
            calls: list[Awaitable[object]] = [
                client.tags(name),
                client.digest(name, "a"),
                client.summary(name, DIGEST),
                client.delete(name, "a"),
            ]
            # Below no prefix at all is everything.
            calls += [client.repositories(name)] if name else []
            for call in calls:
                with pytest.raises(ValueError, match="no repository"):
                    await call
        for tag in BAD_TAGS:
            with pytest.raises(ValueError, match="no tag"):
                await client.digest("a", tag)
            with pytest.raises(ValueError, match="no tag"):
                await client.delete("a", tag)
        for digest in BAD_DIGESTS:
            with pytest.raises(ValueError, match="no digest"):
                await client.summary("a", digest)
        assert server.said == []

        with pytest.raises(NotFound):
            await client.summary("a", DIGEST)
        assert server.said == [f"GET /v2/a/manifests/{DIGEST}"]
