"""What can be configured about a registry, and what images are called in it."""

import hashlib
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.v2.told_registry import COMMIT, INSTALLATION, name_of
from traitlets import TraitError
from traitlets.config import Config

from repo2docker_service.adapters.pushing import PushSupport
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.adapters.registries.v2.inventory.places import Listing, is_steady, is_temporary, single_tag
from repo2docker_service.adapters.registries.v2.protocol.references import REFERRERS_TAG, TAG
from repo2docker_service.domain.models import ImageName
from repo2docker_service.domain.naming import is_private, slug, temporary_tag

URL = "https://registry.example.org"
ADDRESS = re.compile(r"[a-z]{1,20}(\.[a-z]{1,20}){0,5}(/[A-Za-z0-9._-]{1,90}){1,5}", re.ASCII)
REPOSITORY = "r2d/github.com--ada--example"


def registry(url: str = URL, prefix: str = "r2d", **settings: Any) -> V2Registry:
    """Make a registry that is never opened."""
    return V2Registry(url=url, installation=replace(INSTALLATION, image_prefix=prefix), **settings)


def test_builders_can_push_to_it() -> None:
    assert isinstance(registry(), PushSupport)


def test_it_says_when_space_is_freed() -> None:
    assert "garbage collection" in registry().after_delete


def test_images_are_called_by_the_host_of_the_registry() -> None:
    destination = registry().destination(REPOSITORY, COMMIT)

    assert destination.image == ImageName("registry.example.org", REPOSITORY, COMMIT)
    assert destination.push


@pytest.mark.parametrize(
    ("url", "settings", "host"),
    [
        ("https://registry.example.org/", {}, "registry.example.org"),
        ("https://Registry.Example.org:5000", {}, "registry.example.org:5000"),
        ("http://127.0.0.1:5000", {}, "127.0.0.1:5000"),
        ("http://localhost:5000", {}, "localhost:5000"),
        ("http://[::1]:5000", {}, "[::1]:5000"),
        ("http://registry:5000", {"insecure": True}, "registry:5000"),
        ("https://10.1.2.3", {"image_host": "registry.example.org"}, "registry.example.org"),
    ],
)
def test_the_host_is_that_of_the_address_unless_it_is_set(url: str, settings: dict[str, Any], host: str) -> None:
    assert registry(url, **settings).destination(REPOSITORY, COMMIT).image.registry == host


@pytest.mark.parametrize("url", ["https://docker.io", "https://index.docker.io", "https://registry-1.docker.io"])
def test_docker_hub_is_known_by_all_its_names(url: str) -> None:
    hub = registry(url, prefix="ada/environments")

    assert hub.destination(REPOSITORY, COMMIT).image.registry == "docker.io"
    assert hub.place.url == "https://registry-1.docker.io"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": ""}, r"c\.V2Registry\.url"),
        ({"url": "registry.example.org"}, "https://registry.example.org"),
        ({"url": "ftp://registry.example.org"}, "https://registry.example.org"),
        ({"url": "https://"}, "https://registry.example.org"),
        ({"url": "http://registry.example.org"}, "insecure"),
        ({"url": "https://ada:pass@registry.example.org"}, "user name or password"),
        ({"url": f"{URL}/v2"}, "must end with the host"),
        ({"url": f"{URL}?a=b"}, "must end with the host"),
        ({"url": f"{URL}:99999"}, "(?i)port"),
        ({"url": "https://docker.io"}, r"ACCOUNT/NAME.*c\.Repo2DockerService\.image_prefix"),
        ({"url": "https://docker.io", "prefix": "a/b/c"}, "ACCOUNT/NAME"),
        ({"url": "https://ghcr.io"}, "ACCOUNT/NAME"),
        ({"listing": "static"}, r"c\.V2Registry\.repositories"),
        ({"listing": "static", "repositories": ["other/x"]}, "'other/x'.*r2d"),
        ({"repositories": ["r2d/../x"]}, "r2d/../x"),
        ({"repositories": ["r2d/X"]}, "r2d/X"),
        ({"listing": "guess"}, "listing"),
        ({"connections": 0}, "connections"),
        ({"connections": 33}, "connections"),
        ({"proxy": "socks5://proxy"}, r"V2Registry\.proxy"),
        ({"username": "ada"}, "password"),
        ({"username": "ada", "password": "a", "password_file": "b"}, "not both"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(TraitError, match=said) as caught:
        registry(**settings)

    assert "pass@" not in str(caught.value)


async def test_authorities_that_cannot_be_read_are_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(TraitError, match=r"V2Registry\.ca_bundle"):
        async with registry(ca_bundle=str(tmp_path / "missing.pem"), cache_file=str(tmp_path / "cache")):
            pass


def test_settings_are_read_from_the_configuration() -> None:
    config = Config({"V2Registry": {"url": "https://configured.example.org", "listing": "single", "connections": 3}})

    made = V2Registry(config=config, installation=INSTALLATION)

    assert made.destination(REPOSITORY, COMMIT).image.registry == "configured.example.org"
    assert made.connections == 3


def test_secrets_are_marked_as_such() -> None:
    secret = {name for name, trait in V2Registry.class_traits(config=True).items() if trait.metadata.get("secret")}

    assert secret == {"password", "proxy"}


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, trait in V2Registry.class_traits(config=True).items() if len(trait.help) < 20] == []


@pytest.mark.parametrize(
    ("url", "listing"),
    [
        (URL, Listing.CATALOG),
        ("http://127.0.0.1:5000", Listing.CATALOG),
        ("https://ghcr.io.example.org", Listing.CATALOG),
        ("https://notquay.io", Listing.CATALOG),
        ("https://docker.io", Listing.SINGLE),
        ("https://registry-1.docker.io", Listing.SINGLE),
        ("https://ghcr.io", Listing.SINGLE),
        ("https://quay.io", Listing.SINGLE),
        ("https://registry.gitlab.com", Listing.SINGLE),
        ("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com", Listing.SINGLE),
        ("https://europe-docker.pkg.dev", Listing.SINGLE),
        ("https://gcr.io", Listing.SINGLE),
        ("https://eu.gcr.io:443", Listing.SINGLE),
    ],
)
def test_registries_without_a_usable_catalog_are_known(url: str, listing: Listing) -> None:
    made = registry(url, prefix="ada/r2d")

    assert made.way_of_listing is listing
    assert made.unauthorized_is_absent is (listing is Listing.SINGLE)
    assert registry(url, prefix="ada/r2d", listing="catalog").way_of_listing is Listing.CATALOG


def test_one_repository_can_hold_all_images() -> None:
    image = registry(listing="single").destination(REPOSITORY, COMMIT).image

    digits = hashlib.sha256(f"{REPOSITORY}:{COMMIT}".encode()).hexdigest()[:12]
    assert image == ImageName("registry.example.org", "r2d", f"github.com--ada--example-{digits}-aaaaaaa")
    assert is_steady(image.tag)


def test_images_of_other_repositories_commits_and_options_have_other_tags() -> None:
    images = [
        (REPOSITORY, COMMIT),
        (f"{REPOSITORY}2", COMMIT),
        (REPOSITORY, "b" * 40),
        (REPOSITORY, f"{COMMIT}-01234567"),
    ]
    private = f"r2d/private/ada/{REPOSITORY.rpartition('/')[2]}"

    assert len({single_tag(*each) for each in (*images, (private, COMMIT))}) == 5


@given(st.from_regex(ADDRESS, fullmatch=True), st.text(max_size=50), st.sampled_from(["", "-01234567"]))
def test_a_tag_in_the_one_repository_is_always_a_proper_one(path: str, chance: str, options: str) -> None:
    commit = hashlib.sha1(chance.encode("utf-8", "surrogatepass")).hexdigest()

    tag = single_tag(f"r2d/{slug(f'https://{path}')}", f"{commit}{options}")

    assert TAG.fullmatch(tag)
    assert not is_private(name_of(tag))
    assert not is_temporary(tag)
    assert not REFERRERS_TAG.fullmatch(tag)


@given(st.from_regex(ADDRESS, fullmatch=True), st.sampled_from([COMMIT, f"{COMMIT}-01234567"]))
def test_a_private_image_is_told_in_the_one_repository_too_and_its_tag_is_as_hard_to_guess(
    path: str, plain: str
) -> None:
    signature = hashlib.sha256(path.encode()).hexdigest()[:32]

    tag = single_tag(f"r2d/private/user--ada/{slug(f'https://{path}')}", f"{plain}-{signature}")

    assert TAG.fullmatch(tag)
    assert tag.endswith(f"-{signature}")
    assert is_private(name_of(tag))
    assert is_steady(tag)


def test_the_tag_of_a_build_under_way_is_told_from_others() -> None:
    assert is_temporary(temporary_tag("0123456789abcdef" * 2))
    assert not any(map(is_temporary, [COMMIT, "b-0123", "latest", "b-0123456789abcdef-", "B-0123456789abcdef"]))


@pytest.mark.parametrize("tag", ["latest", "v1", "main", COMMIT[:39], "g" * 40])
def test_a_tag_that_says_no_commit_may_move(tag: str) -> None:
    assert not is_steady(tag)


async def test_an_insecure_registry_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async with registry(
        "http://127.0.0.1:9", insecure=True, cache_file=str(tmp_path / "cache"), log=logging.getLogger()
    ):
        pass

    assert re.search("insecure is set", caplog.text)
