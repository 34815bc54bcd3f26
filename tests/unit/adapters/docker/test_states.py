"""A build's state is what its containers say, whatever they say."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from tests.unit.adapters.docker.cards import IMAGE, IMAGE_ID, OURS, card_of, inspection, installation_of
from tests.unit.domain.people import LONG_AGO, plan_of

from repo2docker_service.adapters.builders.containers.cards import MARKS, Kind, Mark
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.docker.states import Container, Work, pair, read_container
from repo2docker_service.domain.failures.advice import ADVICE, CREDENTIALS_GONE
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Reason
from repo2docker_service.domain.orders.queueing import in_line

PLAN = plan_of()
BEGUN, DONE, DELIVERED = (LONG_AGO + timedelta(seconds=seconds) for seconds in (1, 2, 3))
RUNNING = ("running", "paused", "restarting")
ENDED = ("exited", "dead", "removing")
FAILURES = {
    codes.UNREACHABLE: Reason.SOURCE_UNREACHABLE,
    codes.REF_NOT_FOUND: Reason.REF_NOT_FOUND,
    codes.BUILD_FAILED: Reason.BUILD_FAILED,
    codes.OUT_OF_RESOURCES: Reason.OUT_OF_RESOURCES,
    codes.TIMED_OUT: Reason.TIMED_OUT,
    codes.INTERNAL: Reason.INTERNAL,
    codes.LOST: Reason.BUILDER_LOST,
    codes.PUSH_FAILED: Reason.PUSH_FAILED,
    143: Reason.BUILDER_LOST,
    255: Reason.BUILDER_LOST,
    137: Reason.BUILDER_LOST,
    1: Reason.INTERNAL,
    127: Reason.INTERNAL,
}
ALL_CODES = (codes.OK, codes.CANCELLED, 138, *FAILURES)
SOME_CODES = (codes.OK, codes.CANCELLED, codes.LOST, 137)


def builder(
    status: str = "created", code: int = 0, mark: Mark | None = None, plan: BuildPlan = PLAN, *, killed: bool = False
) -> Container:
    card = card_of(plan)
    return Container(
        id=f"id of {plan.id}",
        name=card.marked(mark) if mark else card.name,
        card=card,
        mark=mark,
        status=status,
        exit_code=code,
        out_of_memory=killed,
        created_at=LONG_AGO,
        started_at=None if status == "created" else BEGUN,
        finished_at=DONE if status in ENDED else None,
    )


def pusher(status: str = "created", code: int = 0, kind: Kind = Kind.PUSHER, plan: BuildPlan = PLAN) -> Container:
    card = card_of(plan, kind)
    like = builder(status, code, plan=plan)
    finished = DELIVERED if like.exited else None
    return replace(like, id=f"id of {card.name}", name=card.name, card=card, mark=None, finished_at=finished)


# --- what is a container of ours --------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_a_container_of_ours_is_read_as_the_engine_tells_it(kind: Kind) -> None:
    card = card_of(kind=kind)

    found = read_container(OURS, inspection(card, "exited", 72))

    assert found is not None
    assert (found.id, found.name, found.card, found.mark) == (f"id of {card.name}", card.name, card, None)
    assert (found.status, found.exit_code, found.out_of_memory) == ("exited", 72, False)


def test_a_build_tells_which_content_the_name_of_the_repo2docker_image_stood_for() -> None:
    found = read_container(OURS, inspection(card_of(), "exited"))

    assert found is not None
    build = Work(found).build()
    assert (build.builder_image, build.builder_image_id) == (IMAGE, IMAGE_ID)


@pytest.mark.parametrize("mark", MARKS)
def test_what_was_found_out_is_read_from_the_name(mark: Mark) -> None:
    card = card_of()

    found = read_container(OURS, inspection(card, name=card.marked(mark)))

    assert found is not None
    assert found.mark is mark


def ended_elsewhere(status: str, code: int = 0) -> Container:
    """Give a builder whose name tells an end in a word of another release."""
    card = card_of(PLAN)
    found = read_container(OURS, inspection(card, status, code, name=f"{card.name}.retired.{PLAN.id[:16]}"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("work", "state", "reason"),
    [
        (Work(ended_elsewhere("exited", codes.BUILD_FAILED)), BuildState.FAILED, Reason.BUILD_FAILED),
        (Work(ended_elsewhere("exited", codes.CANCELLED)), BuildState.CANCELLED, None),
        (Work(ended_elsewhere("exited"), pusher("exited")), BuildState.SUCCEEDED, None),
        (Work(ended_elsewhere("created")), BuildState.FAILED, Reason.INTERNAL),
        (Work(ended_elsewhere("running")), BuildState.FAILED, Reason.INTERNAL),
        (Work(ended_elsewhere("exited")), BuildState.FAILED, Reason.INTERNAL),
        (Work(ended_elsewhere("exited"), pusher("created")), BuildState.FAILED, Reason.INTERNAL),
    ],
)
def test_what_ended_in_a_word_of_another_release_has_ended_as_its_containers_tell(
    work: Work, state: BuildState, reason: Reason | None
) -> None:
    assert (work.state, work.reason) == (state, reason)
    assert (work.settled, work.unrecorded, work.undelivered) == (True, False, False)


@pytest.mark.parametrize("kind", [Kind.PUSHER, Kind.CLAIM])
def test_only_builders_are_marked(kind: Kind) -> None:
    card = card_of(kind=kind)

    assert read_container(OURS, inspection(card, name=card.marked(BuildState.CANCELLED))) is None


def test_a_server_started_from_an_image_with_our_labels_is_no_build() -> None:
    card = card_of()
    server = inspection(card, "running", name="jupyter-ada")

    assert read_container(OURS, server) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Image", "localhost/r2d/example.org--a--b:1"),
        ("Image", ""),
        ("Entrypoint", None),
        ("Entrypoint", []),
        ("Entrypoint", ["python3", "-I"]),
        ("Entrypoint", ["python3", "-I", "/run/r2d/launcher.pyz", "build"]),
        ("Entrypoint", "python3 -I /run/r2d/launcher.pyz"),
        ("Labels", None),
        ("Labels", {}),
    ],
)
def test_labels_count_only_with_our_image_and_our_entrypoint(key: str, value: object) -> None:
    told = inspection(card_of())
    told["Config"][key] = value

    assert read_container(OURS, told) is None


def test_a_copy_under_a_name_of_its_own_is_not_ours() -> None:
    card = card_of()
    names = [f"{card.name}-2", f"{card.name}.lost.{plan_of().id[:16]}", card_of(kind=Kind.PUSHER).name, "", "x"]

    assert [read_container(OURS, {**inspection(card), "Name": f"/{name}"}) for name in names] == [None] * 5


def test_a_container_of_another_installation_is_not_ours() -> None:
    for other in (installation_of("other"), installation_of("test", b"the key of others")):
        assert read_container(OURS, inspection(card_of(installation=other), installation=other)) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5Z", datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)),
        ("2026-01-02T03:04:05.000001Z", datetime(2026, 1, 2, 3, 4, 5, 1, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123_456, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_times_of_any_precision_are_read(text: str, time: datetime | None) -> None:
    told = inspection(card_of())
    told["State"].update(StartedAt=text, FinishedAt=text)

    found = read_container(OURS, told)

    assert found is not None
    assert (found.started_at, found.finished_at) == (time, time)


def test_the_time_of_creation_is_the_engines() -> None:
    found = read_container(OURS, inspection(card_of()))

    assert found is not None
    assert found.created_at == datetime(2026, 1, 2, 3, 4, 5, 123_456, tzinfo=UTC)


@pytest.mark.parametrize("status", ["created", *RUNNING, *ENDED])
def test_a_container_waits_or_runs_or_has_exited(status: str) -> None:
    found = builder(status)

    assert (found.waiting, found.running, found.exited) == (
        status == "created",
        status in RUNNING,
        status in ENDED,
    )
    assert found.succeeded is (status in ENDED)


# --- what the containers of a build stand for -------------------------------------------------


def test_a_builder_that_was_never_started_is_queued() -> None:
    assert Work(builder()).state is BuildState.QUEUED


@pytest.mark.parametrize("status", RUNNING)
def test_a_builder_in_which_something_runs_is_building(status: str) -> None:
    assert Work(builder(status)).state is BuildState.BUILDING


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("status", ENDED[:2])
@pytest.mark.parametrize("code", FAILURES)
def test_a_builder_that_failed_tells_why(code: int, status: str, recorded: bool) -> None:
    mark = Work(builder(status, code)).mark if recorded else None
    build = Work(builder(status, code, mark)).build()

    expected = Reason.BUILDER_LOST if status == "dead" else FAILURES[code]
    assert (build.state, build.reason, build.message) == (BuildState.FAILED, expected, ADVICE[expected])
    assert (build.started_at, build.finished_at) == (BEGUN, DONE)


def test_a_builder_killed_for_its_memory_ran_out_of_resources() -> None:
    assert Work(builder("exited", 137, killed=True)).reason is Reason.OUT_OF_RESOURCES
    assert Work(builder("exited", 137)).reason is Reason.BUILDER_LOST


def test_memory_that_a_part_of_the_builder_ran_out_of_is_not_why_it_failed() -> None:
    assert Work(builder("exited", codes.BUILD_FAILED, killed=True)).reason is Reason.BUILD_FAILED


@pytest.mark.parametrize("waiting", [None, pusher(), pusher("running"), pusher("restarting")])
def test_a_builder_that_succeeded_is_pushing_until_its_pusher_has_ended(waiting: Container | None) -> None:
    build = Work(builder("exited"), waiting).build()

    assert (build.state, build.reason, build.finished_at) == (BuildState.PUSHING, None, None)
    assert Work(builder("exited"), waiting).undelivered is (waiting is None or waiting.waiting)


def pushing(work: Work) -> Work:
    """Give a build whose image goes to another place than the engine."""
    parts = [part and replace(part, card=replace(part.card, push=True)) for part in (work.builder, work.pusher)]
    assert parts[0] is not None
    return Work(parts[0], parts[1])


def test_what_was_pushed_has_succeeded_when_somebody_found_that_it_arrived() -> None:
    unverified = pushing(Work(builder("exited"), pusher("exited")))

    assert (unverified.state, unverified.unverified, unverified.undelivered) == (BuildState.PUSHING, True, True)
    assert (unverified.settled, unverified.unrecorded, unverified.ending) == (False, False, False)
    for mark in (BuildState.SUCCEEDED, Reason.PUSH_FAILED):
        found = marked(unverified, mark)
        assert (found.mark, found.unverified, found.undelivered, found.settled) == (mark, False, False, True)


def test_what_need_not_be_pushed_need_not_be_looked_for() -> None:
    assert not Work(builder("exited"), pusher("exited")).unverified


def test_a_build_that_only_delivers_names_the_one_that_made_the_image() -> None:
    kept = replace(builder("exited"), card=replace(card_of(), kept="f" * 32))

    assert Work(kept).build().made_by == "f" * 32
    assert Work(builder("exited")).build().made_by == ""


def test_a_build_has_succeeded_when_its_pusher_has() -> None:
    build = Work(builder("exited"), pusher("exited")).build()

    assert (build.state, build.reason, build.message) == (BuildState.SUCCEEDED, None, "")
    assert build.finished_at == DELIVERED


@pytest.mark.parametrize("code", FAILURES)
def test_a_pusher_that_failed_tells_why(code: int) -> None:
    build = Work(builder("exited"), pusher("exited", code)).build()

    assert (build.state, build.reason, build.finished_at) == (BuildState.FAILED, FAILURES[code], DELIVERED)


def test_a_build_whose_end_is_recorded_stays_what_it_was() -> None:
    succeeded = Work(builder("exited"), pusher("exited"))

    assert succeeded.mark is BuildState.SUCCEEDED
    assert Work(builder("exited", 0, succeeded.mark), pusher("exited")).build() == succeeded.build()


@pytest.mark.parametrize("code", ALL_CODES)
@pytest.mark.parametrize("status", ["created", "running", "exited"])
def test_a_builder_marked_as_cancelled_is_cancelled_whatever_became_of_it(status: str, code: int) -> None:
    build = Work(builder(status, code, BuildState.CANCELLED)).build()

    assert (build.state, build.reason, build.message) == (BuildState.CANCELLED, None, "")


@pytest.mark.parametrize("mark", MARKS)
def test_how_a_build_ended_holds_whatever_becomes_of_its_containers(mark: Mark) -> None:
    state, reason = (BuildState.FAILED, mark) if isinstance(mark, Reason) else (mark, None)

    for found in parts(builder):
        for other in [None, *parts(pusher), pusher(kind=Kind.CLAIM)]:
            work = Work(replace(found, mark=mark), other)

            assert (work.state, work.reason, work.mark) == (state, reason, mark)
            assert (work.build().state, work.build().reason) == (state, reason)
            assert not work.unrecorded


@pytest.mark.parametrize("code", ALL_CODES)
def test_what_is_recorded_of_an_end_is_how_it_ended(code: int) -> None:
    for work in (Work(builder("exited", code)), Work(builder("exited"), pusher("exited", code))):
        if not work.state.ended:
            continue
        recorded = replace(work, builder=replace(work.builder, mark=work.mark))

        assert work.unrecorded
        assert work.mark in MARKS
        assert recorded.build() == work.build()
        assert recorded.settled


@pytest.mark.parametrize("status", ["created", *RUNNING])
def test_of_a_build_that_goes_on_no_end_is_recorded(status: str) -> None:
    for work in (Work(builder(status)), Work(builder("exited"), pusher(status)), Work(builder("exited"))):
        assert not work.unrecorded
        assert not work.settled


@pytest.mark.parametrize("status", RUNNING)
def test_a_cancelled_build_that_was_started_again_has_to_be_ended(status: str) -> None:
    assert Work(builder(status, mark=BuildState.CANCELLED)).ending
    assert not Work(builder("exited", mark=BuildState.CANCELLED)).ending
    assert not Work(builder(mark=BuildState.CANCELLED)).ending


def test_what_somebody_cancels_is_named_by_who_cancels_or_by_who_goes_on_with_it() -> None:
    claimed = Work(builder("running"), pusher(kind=Kind.CLAIM))

    assert (claimed.ending, claimed.unrecorded, claimed.settled) == (True, False, False)


def test_how_a_build_ended_that_somebody_cancels_is_recorded_by_nobody_else() -> None:
    failed = Work(builder("exited", codes.BUILD_FAILED), pusher(kind=Kind.CLAIM))

    assert (failed.state, failed.mark) == (BuildState.FAILED, Reason.BUILD_FAILED)
    assert (failed.ending, failed.unrecorded, failed.settled) == (False, False, True)


@pytest.mark.parametrize("code", [codes.CANCELLED, 138])
def test_a_container_that_ended_because_of_a_cancel_says_so(code: int) -> None:
    assert Work(builder("exited", code)).state is BuildState.CANCELLED
    assert Work(builder("exited"), pusher("exited", code)).state is BuildState.CANCELLED


@pytest.mark.parametrize("status", ["created", "running", "exited"])
def test_a_claim_in_the_place_of_the_pusher_cancels(status: str) -> None:
    assert Work(builder(status), pusher(kind=Kind.CLAIM)).state is BuildState.CANCELLED


def test_a_build_that_never_ran_ended_when_it_was_cancelled() -> None:
    claim = pusher(kind=Kind.CLAIM)

    assert Work(builder(mark=BuildState.CANCELLED), claim).build().finished_at == claim.created_at


def test_a_builder_that_cannot_be_started_failed_for_reasons_of_ours() -> None:
    build = Work(builder(mark=Reason.INTERNAL)).build()

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.INTERNAL)


def test_a_build_whose_credentials_were_gone_says_so() -> None:
    sealed = replace(card_of(PLAN), sealed=True)
    never_begun = replace(builder(mark=Reason.SOURCE_UNREACHABLE), card=sealed)
    not_fetched = replace(builder("exited", codes.UNREACHABLE, mark=Reason.SOURCE_UNREACHABLE), card=sealed)

    assert (Work(never_begun).state, Work(never_begun).build().message) == (BuildState.FAILED, CREDENTIALS_GONE)
    assert Work(not_fetched).build().message == ADVICE[Reason.SOURCE_UNREACHABLE]


# --- the whole table --------------------------------------------------------------------------


def parts(make: Callable[..., Container]) -> Iterator[Container]:
    yield make("created")
    for status in RUNNING:
        yield make(status)
    for status, code in itertools.product(ENDED, ALL_CODES):
        yield make(status, code)


def every_work() -> Iterator[Work]:
    pushers = [None, *parts(pusher), pusher(kind=Kind.CLAIM)]
    for found, mark, other in itertools.product(list(parts(builder)), [None, *MARKS], pushers):
        yield Work(replace(found, mark=mark), other)


def test_whatever_the_containers_say_the_build_makes_sense() -> None:
    for work in every_work():
        build = work.build(queue_position=7)

        assert (build.reason is not None) is (build.state is BuildState.FAILED)
        assert build.message == (ADVICE[build.reason] if build.reason else "")
        assert build.finished_at is None or build.state.ended
        assert (build.queue_position == 7) is (build.state is BuildState.QUEUED)
        assert build.plan == PLAN
        if build.state is BuildState.SUCCEEDED and work.builder.mark is None:
            assert work.pusher is not None
            assert work.builder.succeeded
            assert work.pusher.succeeded


@cache
def reachable() -> list[Work]:
    """Give all that can be seen of a build, from its beginning on."""
    found: dict[object, Work] = {}
    fresh = [Work(builder()), pushing(Work(builder()))]
    while fresh:
        work = fresh.pop()
        if (looks := what_counts_of(work)) not in found:
            found[looks] = work
            fresh += next_works(work)
    return list(found.values())


@cache
def steps() -> list[tuple[Work, Work]]:
    """Give all steps that a build can be seen to take."""
    return [(work, following) for work in reachable() for following in next_works(work)]


def what_counts_of(work: Work) -> object:
    parts = [(part.card.kind, part.status, part.exit_code) for part in (work.builder, work.pusher) if part is not None]
    return work.builder.mark, work.builder.card.push, *parts


def next_statuses(part: Container, *, recorded: bool) -> Iterator[Container]:
    """Give what can be seen of a container after this.

    One that has ended changes only by a start that came late. It does no work then, but runs and ends once more. Before
    its end is recorded, the live view does not look at that.
    """
    if part.waiting or (part.exited and recorded):
        yield replace(part, status="running", started_at=BEGUN)
    if part.running:
        for code in SOME_CODES if recorded else ALL_CODES:
            yield replace(part, status="exited", exit_code=code, finished_at=DONE)


def next_works(work: Work) -> Iterator[Work]:
    """Give what can be seen of a build after this, when the service and its containers do what they do."""
    recorded = work.builder.mark is not None
    if not work.claimed or recorded:
        yield from (replace(work, builder=found) for found in next_statuses(work.builder, recorded=recorded))
    if work.pusher is not None and not work.claimed:
        yield from (replace(work, pusher=found) for found in next_statuses(work.pusher, recorded=recorded))
    if work.state is BuildState.PUSHING and work.pusher is None:
        yield with_pusher(work, pusher())
    if work.unverified:
        yield marked(work, BuildState.SUCCEEDED)
    if work.builder.card.push and (work.unverified or cannot_go_on(work)) and work.state is BuildState.PUSHING:
        yield marked(work, Reason.PUSH_FAILED)
    if cannot_go_on(work):
        yield marked(work, Reason.INTERNAL)
    # Who cancels looks first; until the claim is there, it may have failed.
    if work.pusher is None and (not work.state.ended or work.reason is not None):
        yield with_pusher(work, pusher(kind=Kind.CLAIM))
    if work.ending:
        yield marked(work, BuildState.CANCELLED)
    if work.unrecorded or cancelled_too_late(work):
        yield marked(work, work.mark)


def with_pusher(work: Work, made: Container) -> Work:
    return replace(work, pusher=replace(made, card=replace(made.card, push=work.builder.card.push)))


def cancelled_too_late(work: Work) -> bool:
    """Whether it had failed when somebody took the pusher's name to cancel it: who did records that it failed."""
    return work.claimed and work.builder.mark is None and work.state is BuildState.FAILED


def cannot_go_on(work: Work) -> bool:
    """Whether the engine may refuse what has to be done next: to start the builder, or to make or start the pusher."""
    makes_pusher = work.state is BuildState.PUSHING and (work.pusher is None or work.pusher.waiting)
    return work.state is BuildState.QUEUED or makes_pusher


def marked(work: Work, mark: Mark) -> Work:
    return replace(work, builder=replace(work.builder, mark=mark))


def test_every_step_that_a_build_can_be_seen_to_take_is_one_of_the_domain() -> None:
    states = {(work.state, following.state) for work, following in steps()}

    wrong = {(one, other) for one, other in states if one is not other and not one.may_become(other)}
    assert wrong == set()
    assert {state for step in states for state in step} == set(BuildState)


def test_no_end_of_a_build_is_ever_told_otherwise_afterwards() -> None:
    ends = {(work.mark, following.mark) for work, following in steps() if work.state.ended}

    assert ends == {(mark, mark) for mark in MARKS}


def test_whatever_a_build_comes_to_there_is_something_to_do_about_it_or_it_has_ended_and_says_how() -> None:
    works = reachable()

    assert {work.builder.mark for work in works} == {None, *MARKS}
    for work in works:
        assert work.state is BuildState.CANCELLED or not work.ending
        if work.state.ended and work.builder.mark is None:
            assert [work.ending, work.unrecorded, cancelled_too_late(work)].count(True) == 1
        if not cancelled_too_late(work):
            assert work.settled is (work.state.ended and work.builder.mark is not None and not work.ending)


def test_a_late_start_reruns_what_has_ended_and_says_so_and_it_stays_what_it_is() -> None:
    reruns = [(work, late) for work, late in steps() if work.builder.exited and late.builder.running]

    assert {(work.mark, late.mark) for work, late in reruns} == {(mark, mark) for mark in MARKS}
    assert {work.builder.mark for work, _ in reruns} == {*MARKS}
    assert {late.ending for _, late in reruns if late.mark is BuildState.CANCELLED} == {True}
    assert {late.settled for _, late in reruns if late.mark is not BuildState.CANCELLED} == {True}


# --- builds together --------------------------------------------------------------------------


def builds_of(*containers: Container) -> list[Build]:
    return [work.build() for work in pair(containers).values()]


def test_builds_wait_in_the_order_in_which_they_were_created() -> None:
    plans = [plan_of() for _ in range(5)]
    times = [LONG_AGO + timedelta(seconds=seconds) for seconds in (3, 1, 2, 1, 9)]
    found = [replace(builder(plan=plan), created_at=time) for plan, time in zip(plans, times, strict=True)]
    tied = sorted((plans[1].id, plans[3].id))

    for order in itertools.permutations(found):
        waiting = in_line(builds_of(*order))
        assert [build.id for build in waiting] == [*tied, plans[2].id, plans[0].id, plans[4].id]


@pytest.mark.parametrize(
    "other",
    [
        builder("running"),
        builder("exited"),
        builder("exited", 72),
        builder(mark=BuildState.CANCELLED),
        builder(mark=Reason.INTERNAL),
    ],
)
def test_only_builds_that_wait_are_queued(other: Container) -> None:
    waiting = builder(plan=plan_of())

    assert [build.id for build in in_line(builds_of(other, waiting))] == [waiting.card.plan.id]


@pytest.mark.parametrize("kind", [Kind.PUSHER, Kind.CLAIM])
def test_each_builder_is_brought_together_with_what_delivers_for_it(kind: Kind) -> None:
    one, other = plan_of(), plan_of()
    found = [pusher(kind=kind, plan=other), builder("exited", plan=one), builder("exited", plan=other)]

    works = pair(found)

    assert works == {one.id: Work(found[1]), other.id: Work(found[2], found[0])}


def test_a_pusher_without_a_builder_is_no_build() -> None:
    assert pair([pusher("exited")]) == {}


def test_of_two_builders_that_claim_one_id_the_older_counts() -> None:
    real = builder("running")
    copy = replace(builder("exited"), id="copy", created_at=LONG_AGO + timedelta(seconds=1))

    assert pair([real, copy]) == pair([copy, real]) == {PLAN.id: Work(real)}
