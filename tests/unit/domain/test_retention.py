"""What is kept and what may go, by age and by who still needs it."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import ADA, BOB, LONG_AGO, build_of, image_of, plan_of

from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import Build, BuildState, Image, ImageName, Owner, Reason, Source
from repo2docker_service.domain.retention.retention import (
    LocalCopy,
    Retention,
    expired_builds,
    old_images,
    spare_copies,
    why_expired,
)

WEEK = Retention(builds=timedelta(days=7), copies=timedelta(days=7))
NOW = LONG_AGO + timedelta(days=100)
STATES = list(BuildState)


def ended(
    days_ago: float = 30, tag: str = "", reason: Reason | None = None, state: BuildState = BuildState.SUCCEEDED
) -> Build:
    at = NOW - timedelta(days=days_ago)
    state = BuildState.FAILED if reason else state
    return replace(build_of(plan_of(tag=tag), state), created_at=at, finished_at=at, reason=reason)


def copy(days_old: float = 30, tag: str = "1", repository: str = "r2d/a", **more: object) -> LocalCopy:
    name = ImageName("registry.example.org", repository, tag)
    plan = replace(plan_of(), source=Source(f"https://example.org/{repository}"))
    made = LocalCopy(name, f"sha256:{repository}{tag}", plan, LONG_AGO, 5, in_use=False)
    return replace(made, created_at=NOW - timedelta(days=days_old), **more)  # type: ignore[arg-type]


def expired(*builds: Build, retention: Retention = WEEK, at: datetime = NOW) -> list[Build]:
    return list(expired_builds(builds, retention, at))


def spare(*copies: LocalCopy, builds: tuple[Build, ...] = (), retention: Retention = WEEK) -> list[str]:
    return [found.name.tag for found in spare_copies(copies, builds, retention, NOW)]


class TestBuilds:
    @pytest.mark.parametrize("state", [BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED])
    def test_one_that_ended_longer_ago_than_its_time_goes(self, state: BuildState) -> None:
        old, young = ended(8, state=state), ended(6, state=state)

        assert expired(young, old) == [old]

    @pytest.mark.parametrize("state", [BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING])
    def test_one_that_has_not_ended_stays_however_old(self, state: BuildState) -> None:
        assert expired(replace(ended(1000, state=state), finished_at=None)) == []

    def test_its_time_counts_from_its_end(self) -> None:
        build = replace(ended(6), created_at=NOW - timedelta(days=20))

        assert expired(build) == []

    def test_without_a_time_all_stay(self) -> None:
        assert expired(ended(10_000), retention=Retention()) == []

    def test_one_whose_image_waits_to_be_delivered_stays(self) -> None:
        assert expired(ended(reason=Reason.PUSH_FAILED)) == []

    def test_one_whose_image_was_delivered_by_a_later_build_goes(self) -> None:
        undelivered, delivered = ended(30, "1", Reason.PUSH_FAILED), ended(20, "1")

        assert expired(delivered, undelivered) == [undelivered, delivered]

    def test_that_an_earlier_build_has_delivered_too_makes_no_difference(self) -> None:
        earlier, undelivered, later = ended(40, "1"), ended(30, "1", Reason.PUSH_FAILED), ended(20, "1")

        for builds in ((earlier, undelivered, later), (later, undelivered, earlier)):
            assert expired(*builds) == [earlier, undelivered, later]

    def test_after_a_long_outage_of_the_registry_it_is_soon_known_what_stays(self) -> None:
        over, undelivered = [ended()] * 6000, [ended(30, f"u{n}", Reason.PUSH_FAILED) for n in range(2000)]

        began = time.perf_counter()
        assert expired(*undelivered, *over) == over
        # It takes a hundredth of that; to look through all builds for each of those that wait would take seconds.
        assert time.perf_counter() - began < 2

    @pytest.mark.parametrize("other", [ended(40, "1"), ended(20, "2"), ended(20, "1", Reason.BUILD_FAILED)])
    def test_an_earlier_one_or_one_that_failed_or_one_of_another_image_delivers_nothing(self, other: Build) -> None:
        assert expired(ended(30, "1", Reason.PUSH_FAILED), other) == [other]

    @pytest.mark.parametrize("again", [ended(1, "1", Reason.PUSH_FAILED), ended(1, "1", state=BuildState.PUSHING)])
    def test_one_whose_image_another_one_is_to_deliver_stays(self, again: Build) -> None:
        made = ended(30, "1", Reason.PUSH_FAILED)

        assert expired(made, replace(again, made_by=made.id)) == []

    def test_of_more_than_are_to_be_kept_the_oldest_go_however_young(self) -> None:
        builds = [ended(days_ago) for days_ago in (3, 1, 2, 0)]

        assert expired(*builds, retention=Retention(count=2)) == [builds[0], builds[2]]
        assert expired(*builds, retention=Retention(count=4)) == []

    def test_the_rule_by_which_one_goes_is_told(self) -> None:
        kept = Retention(builds=timedelta(days=1), count=2)

        assert why_expired(ended(2), kept, NOW) == "It ended more than 1 day ago."
        assert why_expired(ended(0.5), kept, NOW) == "It is not among the newest 2 that have ended."

    def test_what_has_not_ended_or_waits_to_be_delivered_stays_however_many_there_are(self) -> None:
        running, undelivered = build_of(plan_of()), ended(30, "1", Reason.PUSH_FAILED)

        assert expired(running, undelivered, ended(1), retention=Retention(count=1)) == []

    @given(st.lists(st.builds(ended, st.floats(-10, 100), st.sampled_from("12"), state=st.sampled_from(STATES))))
    def test_whatever_there_is_only_what_is_over_and_old_goes(self, builds: list[Build]) -> None:
        found = expired(*builds)

        assert {build.id for build in found} == {
            build.id for build in builds if build.state.ended and NOW - build.created_at > timedelta(days=7)
        }
        assert found == sorted(found, key=lambda build: build.created_at)


class TestCopies:
    def test_older_ones_go_and_the_newest_of_each_repository_stays(self) -> None:
        assert spare(copy(20, "new"), copy(30, "old"), copy(40, "older"), copy(50, "other", "r2d/b")) == [
            "older",
            "old",
        ]

    def test_what_is_younger_than_its_time_stays(self) -> None:
        assert spare(copy(1, "new"), copy(6, "old")) == []

    def test_without_a_time_all_stay(self) -> None:
        assert spare(copy(1, "new"), copy(10_000, "old"), retention=Retention(builds=timedelta())) == []

    def test_what_is_in_use_stays_under_each_of_its_names(self) -> None:
        used = copy(30, "used", id="sha256:1", in_use=True)

        assert spare(copy(1, "new"), used, copy(30, "alias", id="sha256:1")) == []

    @pytest.mark.parametrize("state", [BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING])
    def test_what_is_built_again_stays(self, state: BuildState) -> None:
        old = copy(30, "old")
        build = build_of(replace(plan_of(), image=old.name), state)

        assert spare(copy(1, "new"), old, builds=(build,)) == []

    def test_what_could_not_be_delivered_stays(self) -> None:
        old = copy(30, "old")
        undelivered = ended(reason=Reason.PUSH_FAILED)
        undelivered = replace(undelivered, plan=replace(undelivered.plan, image=old.name))

        assert spare(copy(1, "new"), old, builds=(undelivered,)) == []


def image(days_old: float = 30, tag: str = "1", owner: Owner = ADA, subdir: str = "", **more: object) -> Image:
    plan = plan_of(owner, tag=tag)
    plan = replace(plan, source=replace(plan.source, subdir=subdir))
    made = replace(image_of(plan), created_at=NOW - timedelta(days=days_old))
    return replace(made, **more)  # type: ignore[arg-type]


def old(*images: Image, builds: tuple[Build, ...] = (), used: tuple[str, ...] = (), age: int | None = 7) -> list[str]:
    kept_for = None if age is None else timedelta(days=age)
    return [found.name.tag for found in old_images(images, builds, used, kept_for, NOW)]


class TestImages:
    def test_older_ones_go_and_the_newest_stays(self) -> None:
        assert old(image(20, "old"), image(10, "new"), image(40, "older")) == ["older", "old"]

    def test_where_all_are_in_one_repository_the_newest_of_each_source_stays(self) -> None:
        other = image(20, "other")
        other = replace(other, plan=replace(other.plan, source=Source("https://example.org/another")))

        assert old(other, image(10, "new"), image(40, "old")) == ["old"]
        copies = [copy(20, "other", "b"), copy(10, "new", "a"), copy(40, "old", "a")]
        assert spare(*(replace(each, name=replace(each.name, repository="r2d")) for each in copies)) == ["old"]

    def test_what_is_younger_than_its_time_stays(self) -> None:
        assert old(image(6, "young"), image(1, "new")) == []

    def test_without_a_time_all_stay(self) -> None:
        assert old(image(1000, "old"), image(1, "new"), age=None) == []

    @pytest.mark.parametrize("other", [{"owner": BOB}, {"subdir": "course"}])
    def test_the_newest_of_each_owner_and_folder_stays(self, other: dict[str, Any]) -> None:
        assert old(image(20, "one"), image(10, "another", **other)) == []

    @pytest.mark.parametrize("said", [Curation(protected=True), Curation(featured=True), Curation(default=True)])
    def test_what_an_administrator_has_chosen_stays(self, said: Curation) -> None:
        assert old(image(20, "old", curation=said), image(1, "new")) == []

    def test_what_is_only_called_something_by_an_administrator_goes(self) -> None:
        assert old(image(20, "old", curation=Curation(title="Old")), image(1, "new")) == ["old"]

    def test_what_something_was_started_from_stays_whatever_it_is_called_there(self) -> None:
        used = image(20, "old")

        for name in (str(used.name), used.launch_reference):
            assert old(used, image(1, "new"), used=(name,)) == []
        assert old(used, image(1, "new"), used=("registry.example.org/something/else:1",)) == ["old"]

    def test_what_is_used_under_one_name_stays_under_all(self) -> None:
        used = image(20, "old")
        alias = replace(used, name=replace(used.name, tag="alias"), launch_reference="another")

        assert old(used, alias, image(1, "new"), used=(used.launch_reference,)) == []

    @pytest.mark.parametrize("state", [BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING])
    def test_what_is_built_again_stays(self, state: BuildState) -> None:
        replaced = image(20, "old")

        assert old(replaced, image(1, "new"), builds=(build_of(replaced.plan, state),)) == []

    @given(st.lists(st.builds(image, st.floats(0, 100), st.sampled_from("123"), st.sampled_from([ADA, BOB]))))
    def test_whatever_there_is_each_owner_keeps_the_newest_and_nothing_young_goes(self, images: list[Image]) -> None:
        gone = old_images(images, (), (), timedelta(days=7), NOW)

        for owner in {each.plan.owner for each in images}:
            theirs = [each for each in images if each.plan.owner == owner]
            newest = max(each.created_at for each in theirs)
            assert any(each.created_at == newest and each not in gone for each in theirs)
        assert all(NOW - each.created_at > timedelta(days=7) for each in gone)
