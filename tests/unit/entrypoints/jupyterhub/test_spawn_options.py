"""What a spawner is asked for, and what of that is offered."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.entrypoints.jupyterhub.samples import GPU, SMALL, image, offer

from repo2docker_service.entrypoints.jupyterhub.offers import (
    NO_SERVER_INSIDE,
    NO_SUCH_PROFILE,
    NOT_OFFERED,
    Offer,
    Refused,
    read_images,
    read_profiles,
)
from repo2docker_service.entrypoints.jupyterhub.options import read_form

ITEM: dict[str, Any] = {
    **dict.fromkeys(("title", "description", "subdir", "profile"), ""),
    "build_args": [],
    **dict.fromkeys(("private", "featured", "default"), False),
    "id": "1" * 24,
    "name": "localhost/a:b",
    "repo": "https://example.org/a",
    "ref": "main",
    "commit": "0" * 40,
    "owner": "user:alice",
    "launch_reference": "localhost/a@sha256:1",
    "created_at": "2026-01-01T00:00:00Z",
    "launchable": None,
}
PROFILE: dict[str, Any] = {
    "slug": "small",
    "title": "Small",
    "description": "",
    "cpu": 1.5,
    "memory": 1024,
    "node_selector": {"pool": "users"},
}


class TestFields:
    def test_what_was_chosen_becomes_options_without_empty_ones(self) -> None:
        assert read_form({"image": ["localhost/a@sha256:1"], "profile": [""]}) == {"image": "localhost/a@sha256:1"}

    def test_everything_that_can_be_asked_for_is_taken(self) -> None:
        fields = {"image": ["a:b"], "profile": ["small"], "path": ["lessons/one.ipynb"]}

        assert read_form(fields) == {"image": "a:b", "profile": "small", "path": "lessons/one.ipynb"}

    def test_what_nobody_knows_is_left_out(self) -> None:
        assert read_form({"image": ["a:b"], "cmd": ["sh"], "_xsrf": ["x"]}) == {"image": "a:b"}

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({}, "image"),
            ({"image": [""]}, "image"),
            ({"image": []}, "image"),
            ({"image": ["a", "b"]}, "image"),
            ({"image": ["x" * 511]}, "image"),
            ({"image": ["a\nb"]}, "image"),
            ({"image": ["a\u202eb"]}, "image"),
            ({"image": ["a"], "profile": ["x" * 511]}, "profile"),
            ({"image": ["a"], "path": ["../../etc/passwd"]}, "path"),
            ({"image": ["a"], "path": ["https://evil.example/"]}, "path"),
        ],
    )
    def test_what_cannot_be_asked_for_is_refused(self, fields: dict[str, list[str]], reason: str) -> None:
        with pytest.raises(Refused) as caught:
            read_form(fields)

        assert (caught.value.reason, caught.value.status) == (reason, 400)


class TestChoosing:
    @pytest.mark.parametrize("called", ["id", "name", "reference"])
    def test_an_image_is_found_by_whatever_it_is_called(self, called: str) -> None:
        wanted = image(2)

        assert offer(image(1), wanted).choose(getattr(wanted, called)).image is wanted

    @pytest.mark.parametrize("wanted", ["*", "localhost/other:1", ["*"], {"a": "b"}, 7, True, image(1).reference + " "])
    def test_what_is_not_offered_is_refused_and_nothing_is_listed(self, wanted: object) -> None:
        with pytest.raises(Refused) as caught:
            offer(image(1)).choose(wanted)

        assert (caught.value.message, caught.value.status) == (NOT_OFFERED, 400)

    @pytest.mark.parametrize("wanted", [None, ""])
    def test_nothing_asked_for_leaves_the_choice_to_the_spawner(self, wanted: object) -> None:
        choice = offer(image(1, profile="small"), profiles=(SMALL,)).choose(wanted)

        assert (choice.image, choice.profile) == (None, None)

    def test_a_service_that_does_not_answer_lets_nothing_start(self) -> None:
        with pytest.raises(Refused) as caught:
            offer(away=("repo2docker",)).choose(image(1).reference)

        assert (caught.value.reason, caught.value.status) == ("away", 503)

    def test_an_image_without_a_notebook_server_is_refused_with_what_to_do(self) -> None:
        with pytest.raises(Refused, match="jupyterhub-singleuser"):
            offer(image(1, launchable=False)).choose(image(1).reference)

        assert "build it again" in NO_SERVER_INSIDE

    def test_the_profile_asked_for_goes_before_that_of_the_catalog(self) -> None:
        given = offer(image(1, profile="gpu"), profiles=(SMALL, GPU))

        assert given.choose(image(1).id, "small").profile == SMALL
        assert given.choose(image(1).id, "").profile == GPU
        assert given.choose(image(1).id).profile == GPU

    @pytest.mark.parametrize("slug", ["large", ["small"], {"slug": "small"}, 1])
    def test_an_unknown_profile_is_refused_with_an_image_and_without(self, slug: object) -> None:
        for wanted in (image(1).id, None):
            with pytest.raises(Refused) as caught:
                offer(image(1), profiles=(SMALL,)).choose(wanted, slug)

            assert caught.value.message == NO_SUCH_PROFILE

    def test_an_image_is_not_started_without_the_limits_that_the_catalog_means(self) -> None:
        with pytest.raises(Refused):
            offer(image(1, profile="gone"), profiles=(SMALL,)).choose(image(1).id)

    def test_a_profile_is_one_of_the_images_own_service(self) -> None:
        given = Offer([image(1, service="second")], {"repo2docker": [SMALL], "second": [GPU]})

        assert given.choose(image(1).id, "gpu").profile == GPU
        with pytest.raises(Refused):
            given.choose(image(1).id, "small")


class TestReading:
    def test_an_image_is_read_as_a_service_tells_it(self) -> None:
        [read] = read_images("repo2docker", {"items": [ITEM]})

        assert (read.service, read.reference, read.launchable) == ("repo2docker", "localhost/a@sha256:1", None)
        assert read.created_at.isoformat() == "2026-01-01T00:00:00+00:00"

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"items": None},
            {"items": [None]},
            {"items": [{}]},
            {"items": [{**ITEM, "created_at": "yesterday"}]},
            {"items": [{**ITEM, "created_at": None}]},
            {"items": [{**ITEM, "launch_reference": ""}]},
            {"items": [{**ITEM, "launch_reference": ["a"]}]},
        ],
    )
    def test_what_is_no_list_of_images_is_not_taken_for_an_empty_one(self, answer: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_images("repo2docker", answer)

    def test_a_profile_is_read_as_a_service_tells_it(self) -> None:
        [read] = read_profiles({"profiles": [PROFILE]})

        assert (read.slug, read.cpu, read.memory, read.node_selector) == ("small", 1.5, 1024, {"pool": "users"})

    @pytest.mark.parametrize(
        "change", [{"slug": "<b>"}, {"slug": ""}, {"cpu": "much"}, {"memory": None}, {"node_selector": []}]
    )
    def test_a_profile_that_cannot_be_read_is_not_passed_over(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_profiles({"profiles": [{**PROFILE, **change}]})
