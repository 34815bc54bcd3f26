"""What a server is called that nobody has named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import image_of, plan_of

from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.inputs import check_server_name
from repo2docker_service.domain.launching import name_for, title_for
from repo2docker_service.domain.models import Image, Source


def image(address: str, **more: str) -> Image:
    return image_of(replace(plan_of(), source=Source(address, **more)))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/o/lesson", "lesson"),
        ("https://example.org/o/Lesson_One.git/", "lesson-one"),
        ("https://example.org/o/2026", "r2d-2026"),
        ("https://example.org/o/---", "r2d"),
        ("https://example.org/o/a-very-long-name-of-a-repository", "a-very-long-name-of"),
    ],
)
def test_a_server_is_named_after_its_repository(address: str, name: str) -> None:
    readable, _, digits = name_for(image(address)).rpartition("-")

    assert readable == name
    assert len(digits) == 4


def test_another_commit_of_a_repository_has_the_same_server_and_another_folder_or_repository_its_own() -> None:
    names = [
        name_for(image("https://example.org/o/lesson")),
        name_for(image("https://example.org/o/lesson", ref="v2")),
        name_for(image("https://example.org/o/lesson", subdir="two")),
        name_for(image("https://example.org/p/lesson")),
    ]

    assert names[0] == names[1]
    assert len(set(names)) == 3


@given(st.text(max_size=60))
def test_a_hub_takes_every_name(last: str) -> None:
    name = name_for(image(f"https://example.org/{last}"))

    assert check_server_name(name) == name


def test_people_read_what_the_image_is_called_or_where_it_comes_from() -> None:
    plain = image("https://example.org/o/lesson.git")

    assert title_for(plain) == "o/lesson"
    assert title_for(replace(plain, plan=replace(plain.plan, title="Mine"))) == "Mine"
    assert title_for(replace(plain, curation=Curation(title="Ours"))) == "Ours"
