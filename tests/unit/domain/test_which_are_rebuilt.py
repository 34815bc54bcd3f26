"""Which outdated images are built again, which of them next, and why others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.domain.people import LONG_AGO, build_of, image_of, plan_of

from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import Build, BuildState, Image, Reason, Source
from repo2docker_service.domain.rebuilds.outdated import (
    CANCELLED,
    EVERYTHING,
    NOT_OUTDATED,
    NOT_SEEN,
    PRIVATE,
    PROTECTED,
    Standing,
    Wanted,
    rebuilds,
)

NOW, BEFORE = "settings of today", "settings of yesterday"
WHY = "Since it was built, these settings have changed: the appendix."
DAY = timedelta(days=1)


def image(tag: str = "", *, days: int = 0, ref: str = "main", private: bool = False, **fields: Any) -> Image:
    plan = replace(plan_of(tag=tag, private=private), source=Source("https://example.org/a/b", ref))
    told: dict[str, Any] = {"outdated": WHY, "created_at": LONG_AGO + days * DAY}
    return replace(image_of(plan), **(told | fields))


def build(of: Image, state: BuildState, *, days: int = 1, settings: str = NOW, reason: Reason | None = None) -> Build:
    then = LONG_AGO + days * DAY
    return replace(
        build_of(replace(of.plan, id=f"{days:032x}"), state),
        created_at=then,
        finished_at=then + timedelta(minutes=5) if state.ended else None,
        settings=settings,
        reason=reason,
    )


def told(of: Image, *builds: Build, wanted: Wanted = EVERYTHING) -> tuple[Standing, str]:
    [found] = rebuilds([of], builds, NOW, wanted)
    return found.standing, found.why_skipped


def test_what_is_not_outdated_is_left_alone() -> None:
    assert rebuilds([image(outdated="")], [], NOW) == []


def test_the_newest_of_each_repository_folder_and_ref_goes_first() -> None:
    images = [image("1", days=1), image("2", days=2), image("3", days=3, ref="other"), image("4", days=4)]

    assert [each.image.name.tag for each in rebuilds(images, [], NOW)] == ["4", "3", "2", "1"]
    assert [each.image.name.tag for each in rebuilds([*images, image("5", days=5)], [], NOW)] == list("53421")


@pytest.mark.parametrize("state", [BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING])
def test_what_is_being_built_is_under_way_whoever_asked_for_it(state: BuildState) -> None:
    here = image()
    [found] = rebuilds([here], [build(here, state)], NOW)

    assert (found.standing, found.build_id) == (Standing.UNDER_WAY, f"{1:032x}")


def test_what_is_under_way_comes_before_what_waits_and_that_before_what_is_skipped() -> None:
    running, kept = image("running"), image("kept", days=9, curation=Curation(protected=True))
    found = rebuilds([kept, image("waiting", days=5), running], [build(running, BuildState.QUEUED)], NOW)

    assert [each.image.name.tag for each in found] == ["running", "waiting", "kept"]


def test_what_the_catalog_keeps_and_what_is_private_is_skipped() -> None:
    assert told(image(curation=Curation(protected=True))) == (Standing.SKIPPED, PROTECTED)
    assert told(image(private=True)) == (Standing.SKIPPED, PRIVATE)


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [
        (BuildState.FAILED, Reason.BUILD_FAILED, "Its last build failed: build-failed."),
        (BuildState.CANCELLED, None, CANCELLED),
        (BuildState.SUCCEEDED, None, NOT_SEEN),
    ],
)
def test_what_was_tried_with_the_settings_of_today_is_not_tried_again_by_itself(
    state: BuildState, reason: Reason | None, why: str
) -> None:
    here = image()

    assert told(here, build(here, state, reason=reason)) == (Standing.SKIPPED, why)
    assert told(here, build(here, state, reason=reason, settings="")) == (Standing.SKIPPED, why)
    assert told(here, build(here, state, reason=reason, settings=BEFORE)) == (Standing.WAITING, "")


def test_only_the_last_build_counts_and_only_if_it_is_later_than_the_image() -> None:
    here = image(days=5)
    failed = build(here, BuildState.FAILED, days=4, reason=Reason.BUILD_FAILED)

    assert told(here, failed) == (Standing.WAITING, "")
    later = build(here, BuildState.FAILED, days=7, reason=Reason.TIMED_OUT)
    between = build(here, BuildState.CANCELLED, days=6)
    assert told(here, later, between, failed)[1] == "Its last build failed: timed-out."


def test_what_has_failed_before_a_time_is_tried_again_where_that_is_wanted() -> None:
    here = image()
    failed = build(here, BuildState.FAILED, reason=Reason.BUILDER_LOST)
    end = failed.finished_at
    assert end is not None

    assert told(here, failed, wanted=Wanted(failed_before=end + timedelta(seconds=1))) == (Standing.WAITING, "")
    assert told(here, failed, wanted=Wanted(failed_before=end))[0] is Standing.SKIPPED


def test_what_is_named_is_tried_again_and_nothing_else() -> None:
    here, other = image("here"), image("other")
    failed = build(here, BuildState.FAILED, reason=Reason.BUILD_FAILED)

    found = rebuilds([here, other], [failed], NOW, Wanted(only={here.name}))

    assert [(each.image, each.standing) for each in found] == [(here, Standing.WAITING)]

    running = build(other, BuildState.BUILDING)
    found = rebuilds([here, other], [failed, running], NOW, Wanted(only={here.name}))
    assert [each.standing for each in found] == [Standing.UNDER_WAY, Standing.WAITING]


def test_of_what_is_named_and_not_outdated_that_is_said() -> None:
    here = image(outdated="")

    assert told(here, wanted=Wanted(only={here.name})) == (Standing.SKIPPED, NOT_OUTDATED)
