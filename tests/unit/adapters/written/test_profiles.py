"""Profiles of servers, as administrators write them."""

import pytest

from repo2docker_service.adapters.written.entries import BadEntry
from repo2docker_service.adapters.written.profiles import read_profiles
from repo2docker_service.domain.servers import Profile


def test_a_profile_is_read_as_it_is_written() -> None:
    written = {
        "slug": "large-gpu",
        "title": "Large",
        "description": "With a card.",
        "cpu": 1.5,
        "memory": "2G",
        "node_selector": {"gpu": "yes"},
    }

    assert read_profiles([written, {"slug": "small"}]) == (
        Profile("large-gpu", "Large", "With a card.", 1.5, 2 * 2**30, {"gpu": "yes"}),
        Profile("small"),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [(123, 123), ("512M", 512 * 2**20), (" 1.5 G ", 3 * 2**29), ("4K", 4096), ("1T", 2**40), (0, 0)],
)
def test_memory_is_written_in_bytes_or_with_a_unit_as_jupyterhub_reads_it(written: object, read: int) -> None:
    assert read_profiles([{"slug": "a", "memory": written}])[0].memory == read


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({}, "slug: This is needed."),
        ({"slug": "A"}, "slug: This is made of"),
        ({"slug": "a-"}, "slug: This is made of"),
        ({"slug": "a\n"}, "slug: This is made of"),
        ({"slug": "a" * 41}, "slug: This is made of"),
        ({"slug": "a", "mem": "2G"}, "There is no key mem. Did you mean memory?"),
        ({"slug": "a", "xyz": "2G"}, "There is no key xyz."),
        ({"mem": "2G"}, "There is no key mem. Did you mean memory?"),
        ({"slug": "a", "memory": "lots"}, 'memory: Give a number of bytes, or a text such as "512M" or "2G".'),
        ({"slug": "a", "memory": "2GB"}, "memory: Give a number of bytes"),
        ({"slug": "a", "memory": 1.5}, "memory: This must be a whole number."),
        ({"slug": "a", "memory": -1}, "memory: This must be at least 0."),
        ({"slug": "a", "memory": True}, "memory: This must be a whole number."),
        ({"slug": "a", "cpu": -1}, "cpu: This must be at least 0"),
        ({"slug": "a", "cpu": float("nan")}, "cpu: This must be a number."),
        ({"slug": "a", "cpu": "1"}, "cpu: This must be a number."),
        ({"slug": "a", "node_selector": {"gpu": 1}}, "node_selector, gpu: This must be a text. Put it in quotes."),
        ({"slug": "a", "title": "\u202e"}, "title: This holds characters that cannot be seen."),
        ("a", "This must have keys with values, such as slug."),
    ],
)
def test_what_is_wrong_is_named_with_the_entry_and_the_key(written: object, sentence: str) -> None:
    with pytest.raises(BadEntry) as caught:
        read_profiles([{"slug": "first"}, written])

    assert str(caught.value).startswith(f"entry 2: {sentence}")


def test_no_two_profiles_have_one_slug() -> None:
    with pytest.raises(BadEntry, match=r"entry 2: There is another profile a before it\."):
        read_profiles([{"slug": "a"}, {"slug": "a", "cpu": 2}])
