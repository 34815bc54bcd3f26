"""Names of images."""

import re
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_build_args, check_source
from repo2docker_service.domain.models import ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.naming import ImageNaming, image_id, is_private, slug, tag, temporary_tag
from repo2docker_service.domain.signing import Signer

# The grammar of the OCI distribution specification, "Pulling manifests".
REPOSITORY = re.compile(
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
)
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
LONGEST_REGISTRY = 80
LONGEST_NAME = 255

NAMING = ImageNaming("r2d", Signer([b"a key for tests only"]))

path_text = st.text("abzAZ019._-~+@:,", min_size=1, max_size=200)
address_text = st.builds(
    lambda host, port, path, end: f"https://{host}{port}/{path}{end}",
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,100}[A-Za-z0-9])?", fullmatch=True),
    st.sampled_from(["", ":443", ":8443", ":1"]),
    st.lists(path_text, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", ".git", "/", "/.git", "--0123456789ab"]),
)
commits = st.text("0123456789abcdef", min_size=40, max_size=40)
subdirs = st.text(st.characters(exclude_categories=("C", "Z")), max_size=30)
build_args = st.dictionaries(st.from_regex(r"[A-Z_]{1,3}", fullmatch=True), st.text(max_size=5), max_size=3)
owners = st.builds(Owner, st.sampled_from(OwnerKind), st.text(min_size=1, max_size=300))


@st.composite
def accepted(draw: st.DrawFn) -> tuple[Source, str, dict[str, str]]:
    """Give what has passed the checks of inputs."""
    given_source = Source(draw(address_text), "HEAD", draw(subdirs))
    given_args = draw(build_args)
    try:
        source = check_source(given_source)
        check_build_args(given_args)
    except InvalidInput:
        source, given_args = Source("https://github.com/a/b"), {}
    return source, draw(commits), given_args


def what_counts(source: Source, commit: str, build_args: dict[str, str]) -> tuple[Any, ...]:
    """Give what makes two images different: the scheme and a ``.git`` at the end do not."""
    parts = urlsplit(source.address)
    return parts.netloc, parts.path.removesuffix(".git"), commit, source.subdir, tuple(sorted(build_args.items()))


@given(accepted(), owners)
def test_names_are_always_inside_the_grammar(asked: tuple[Source, str, dict[str, str]], owner: Owner) -> None:
    for repository, version in (NAMING.shared(*asked), NAMING.private(*asked, owner)):
        assert REPOSITORY.fullmatch(repository)
        assert TAG.fullmatch(version)


@given(accepted(), owners)
def test_names_are_never_too_long(asked: tuple[Source, str, dict[str, str]], owner: Owner) -> None:
    registry = "r" * LONGEST_REGISTRY

    assert len(str(ImageName(registry, *NAMING.shared(*asked)))) <= LONGEST_NAME
    # The limit of clients is on what stands before the tag.
    longest = ImageNaming("p" * 24, NAMING.signer)
    assert len(f"{registry}/{longest.private(*asked, owner)[0]}") <= LONGEST_NAME


@pytest.mark.parametrize("length", [*range(20, 120), 2000])
@pytest.mark.parametrize("letter", ["a", "A", "-a"])
def test_names_are_cut_in_time(letter: str, length: int) -> None:
    long = (letter * length)[-length:].strip("-")
    naming = ImageNaming("p" * 24, NAMING.signer)

    repository, version = naming.private(
        Source(f"https://example.org/{long}", "HEAD", "sub"), "a" * 40, {}, Owner(OwnerKind.USER, long)
    )

    assert REPOSITORY.fullmatch(repository)
    assert TAG.fullmatch(version)
    assert LONGEST_REGISTRY + 1 + len(repository) <= LONGEST_NAME


@given(accepted(), accepted())
def test_two_shared_images_never_have_one_name(
    one: tuple[Source, str, dict[str, str]], other: tuple[Source, str, dict[str, str]]
) -> None:
    same = what_counts(*one) == what_counts(*other)

    assert (NAMING.shared(*one) == NAMING.shared(*other)) is same


def test_neighbours_never_have_one_name() -> None:
    addresses = [
        "https://h/a/b",
        "https://h/a/B",
        "https://h/a--b",
        "https://h/a-b",
        "https://h/a__b",
        "https://h/a.b",
        "https://h/a/b.c",
        "https://h/a/b/.git",
        "https://h/.git",
        "https://h--a/b",
        "https://h:8443/a/b",
        "https://h-8443/a/b",
        "https://h.a/b",
        "https://h/a%2fb",
        "https://h/a/0123456789ab",
        slug("https://h/A/0123456789ab").join(["https://", "/x"]),
        *(f"https://h/{'a' * length}" for length in range(80, 110)),
    ]
    asked = product(
        addresses, ["a" * 40, "b" * 40], ["", "x", "x/y"], [{}, {"X": ""}, {"X": "1"}, {"X": "1", "Y": "2"}]
    )

    names = [NAMING.shared(Source(address, "HEAD", subdir), commit, args) for address, commit, subdir, args in asked]

    assert len(set(names)) == len(names)


def test_a_natural_name_is_never_that_of_an_escaped_one() -> None:
    escaped = slug("https://h/A")
    host, *path = escaped.split("--")

    assert slug(f"https://{host}/{'/'.join(path)}") != escaped


@given(accepted(), owners, owners)
def test_private_images_of_two_owners_never_have_one_name(
    asked: tuple[Source, str, dict[str, str]], one: Owner, other: Owner
) -> None:
    assert (NAMING.private(*asked, one)[0] == NAMING.private(*asked, other)[0]) is (one == other)


@given(accepted(), accepted(), owners)
def test_a_private_image_never_has_the_name_of_a_shared_one(
    asked: tuple[Source, str, dict[str, str]], other: tuple[Source, str, dict[str, str]], owner: Owner
) -> None:
    private, shared = (ImageName("h", *name) for name in (NAMING.private(*asked, owner), NAMING.shared(*other)))

    assert private.repository != shared.repository
    assert is_private(private)
    assert not is_private(shared)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/jupyterhub/repo2docker", "github.com--jupyterhub--repo2docker"),
        ("https://github.com/jupyterhub/repo2docker.git", "github.com--jupyterhub--repo2docker"),
        ("https://github.com/jupyterhub/repo2docker/", "github.com--jupyterhub--repo2docker"),
    ],
)
def test_plain_addresses_stay_readable(address: str, expected: str) -> None:
    assert slug(address) == expected


def test_an_escaped_address_stays_recognisable() -> None:
    assert re.fullmatch(
        r"github-com-jupyterhub-repo2docker--[0-9a-f]{12}", slug("https://github.com/JupyterHub/repo2docker")
    )


def test_the_tag_is_the_commit_unless_options_differ() -> None:
    commit = "c" * 40

    assert tag(commit, "", {}) == commit
    assert re.fullmatch(rf"{commit}-[0-9a-f]{{8}}", tag(commit, "sub", {}))
    assert tag(commit, "", {"A": "1", "B": "2"}) == tag(commit, "", {"B": "2", "A": "1"})


def test_a_private_tag_cannot_be_guessed_without_the_key() -> None:
    asked = (Source("https://h/a/b"), "a" * 40, {"A": "1"})
    owner = Owner(OwnerKind.USER, "ada")

    mine, other = (ImageNaming("r2d", Signer([key * 16])).private(*asked, owner) for key in (b"1", b"2"))

    assert mine[0] == other[0]
    assert mine[1][-33:] != other[1][-33:]
    assert re.fullmatch(r"-[0-9a-f]{32}", mine[1][-33:])


def test_ids_and_temporary_tags_fit_where_they_are_used() -> None:
    assert re.fullmatch(r"[0-9a-f]{24}", image_id("localhost/r2d/x:y"))
    assert TAG.fullmatch(temporary_tag("f" * 64))
    assert temporary_tag("0" * 32) != temporary_tag("1" * 32)
