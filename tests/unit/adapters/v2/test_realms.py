"""A registry cannot send us, or our password, wherever it likes."""

import pytest

from repo2docker_service.adapters.registries.v2.auth.realms import check_realm
from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.transport.origins import Origin, base_of

REGISTRY = "https://registry.example:5000"


@pytest.mark.parametrize(
    ("realm", "registry", "pinned"),
    [
        ("https://auth.example/token", REGISTRY, ()),
        ("https://auth.example/token?a=b", REGISTRY, ()),
        ("https://registry.example/token", REGISTRY, ()),
        ("https://REGISTRY.example:5001/token", REGISTRY, ()),
        ("https://8.8.8.8/token", REGISTRY, ()),
        ("http://auth.example/token", "http://registry.example", ()),
        ("https://10.1.2.3/token", "https://10.1.2.3:5000", ()),
        ("http://localhost:6000/token", "http://localhost:5000", ()),
        ("https://10.1.2.3/token", REGISTRY, ("10.1.2.3",)),
        ("https://localhost:1/token", REGISTRY, ("localhost:1",)),
        ("https://auth.example/token", REGISTRY, ("Auth.Example",)),
        ("https://registry.example/token", REGISTRY, ("auth.example",)),
    ],
)
def test_a_token_server_in_a_fitting_place_is_asked(realm: str, registry: str, pinned: tuple[str, ...]) -> None:
    check_realm(realm, Origin.of(registry), pinned)


@pytest.mark.parametrize(
    ("realm", "registry", "pinned"),
    [
        ("http://auth.example/token", REGISTRY, ()),
        ("http://registry.example:5000/token", REGISTRY, ()),
        ("http://auth.example/token", REGISTRY, ("auth.example",)),
        ("https://127.0.0.1/token", REGISTRY, ()),
        ("https://127.1/token", REGISTRY, ()),
        ("https://2130706433/token", REGISTRY, ()),
        ("https://10.1.2.3/token", REGISTRY, ()),
        ("https://169.254.169.254/token", REGISTRY, ()),
        ("http://169.254.169.254/token", "http://registry.example", ()),
        ("https://[::1]/token", REGISTRY, ()),
        ("https://[::ffff:10.0.0.1]/token", REGISTRY, ()),
        ("https://[fd00::1]/token", REGISTRY, ()),
        ("https://localhost/token", REGISTRY, ()),
        ("https://LocalHost./token", REGISTRY, ()),
        ("https://metadata.google.internal/token", REGISTRY, ()),
        ("https://auth.example/token", REGISTRY, ("other.example",)),
        ("https://auth.example/token", REGISTRY, ("auth.example:444",)),
        ("https://sub.auth.example/token", REGISTRY, ("auth.example",)),
        ("https://auth.example@evil.example/token", REGISTRY, ()),
        ("https://auth.example\\@evil.example/token", REGISTRY, ("auth.example",)),
        ("file:///etc/passwd", REGISTRY, ()),
        ("//auth.example/token", REGISTRY, ()),
        ("/token", REGISTRY, ()),
        ("https://auth.example/to ken", REGISTRY, ()),
        ("https://auth.example/token#x", REGISTRY, ()),
        ("https://auth.example:99999/token", REGISTRY, ()),
        ("https://[::1/token", REGISTRY, ()),
        ("", REGISTRY, ()),
    ],
)
def test_a_token_server_in_an_odd_place_is_refused(realm: str, registry: str, pinned: tuple[str, ...]) -> None:
    """Case 11."""
    with pytest.raises(BadAnswer):
        check_realm(realm, Origin.of(registry), pinned)


@pytest.mark.parametrize("url", ["https://a", "https://a/", "http://a:5000", "https://[::1]:5000"])
def test_the_address_of_a_registry_is_a_scheme_and_a_host(url: str) -> None:
    assert base_of(url) == url.removesuffix("/")


@pytest.mark.parametrize(
    "url", ["", "a", "a:5000", "ftp://a", "https://a/b", "https://u:p@a", "https://a?b", "https://"]
)
def test_anything_else_is_no_address_of_a_registry(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        base_of(url)
