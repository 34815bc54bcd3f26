"""Whether an image was built with the settings of today, and what differs."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.rebuilds.build_settings import why_outdated, written_settings
from repo2docker_service.domain.records import canonical

THEN: dict[str, Any] = {
    "repo2docker": "sha256:1",
    "appendix": "",
    "user": [1000, "jovyan"],
    "target_repo_dir": "",
    "extra_config": "",
}


def earlier(values: dict[str, Any]) -> str:
    """Write settings as releases before the parts did."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:16]


def compared(**changes: object) -> str:
    return why_outdated(written_settings(THEN), written_settings({**THEN, **changes}))


def test_what_is_built_with_the_same_settings_is_not_outdated() -> None:
    assert compared() == ""


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"repo2docker": "sha256:2"}, "the repo2docker image"),
        ({"appendix": "RUN true"}, "the appendix"),
        ({"user": [1001, "jovyan"]}, "the user"),
        ({"target_repo_dir": "/srv"}, "the folder for the repository's content"),
        ({"extra_config": "c.A.b = 1"}, "repo2docker's configuration"),
        ({"appendix": "RUN true", "repo2docker": "sha256:2"}, "the repo2docker image, the appendix"),
    ],
)
def test_the_reason_names_each_setting_that_changed(changes: dict[str, Any], named: str) -> None:
    assert compared(**changes) == f"Since it was built, these settings have changed: {named}."


def test_a_setting_that_this_release_does_not_know_is_told_of_without_its_name() -> None:
    then, now = ({**THEN, "later": value, "later_too": value} for value in (1, 2))

    found = why_outdated(written_settings(then), written_settings(now))

    assert found == "Since it was built, these settings have changed: another setting."


@pytest.mark.parametrize("way", ["forth", "back"])
def test_a_release_that_knows_more_settings_makes_nothing_outdated(way: str) -> None:
    texts = (written_settings(THEN), written_settings({**THEN, "later": 1}))

    assert why_outdated(*(texts if way == "forth" else reversed(texts))) == ""


def test_what_an_earlier_release_wrote_is_understood() -> None:
    assert why_outdated(earlier(THEN), written_settings(THEN)) == ""
    assert why_outdated(earlier({**THEN, "appendix": "RUN true"}), written_settings(THEN)) == (
        "Since it was built, settings that shape images have changed."
    )


@pytest.mark.parametrize(("then", "now"), [("", written_settings(THEN)), (written_settings(THEN), ""), ("", "")])
def test_what_is_not_known_is_no_reason(then: str, now: str) -> None:
    assert why_outdated(then, now) == ""


@given(st.text(), st.text())
def test_any_text_is_compared_without_harm(then: str, now: str) -> None:
    assert why_outdated(then, then) == ""
    assert len(why_outdated(then, now)) < 300
