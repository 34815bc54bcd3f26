"""Progress, read from lines of the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.models import Progress
from repo2docker_service.domain.progress import advance

NONE = Progress()


@pytest.mark.parametrize(
    ("line", "progress"),
    [
        ("#7 [3/9] RUN apt-get update", Progress(3, 9)),
        ("#12 [base 3/9] RUN pip install", Progress(3, 9)),
        ("#7 [ 3/10] RUN apt-get update", Progress(3, 10)),
        ("#12 [base   3/100] RUN pip install", Progress(3, 100)),
        ("#1 [internal] load build definition from Dockerfile", NONE),
        ("#7 0.123 Collecting numpy", NONE),
        ("[3/9] RUN", NONE),
        ("#7 [3/9]", NONE),
        ("#7 [33333/99999] RUN", NONE),
        ("#7 [\u0663/\u0669] RUN", NONE),
        ("", NONE),
    ],
)
def test_progress_is_the_newest_step_of_a_log(line: str, progress: Progress) -> None:
    assert advance(NONE, [line]) == progress


def test_progress_never_goes_back() -> None:
    lines = [f"#5 [{step}/9] RUN something" for step in (2, 5, 3, 4)]

    assert advance(Progress(1, 9), lines) == Progress(5, 9)
    assert advance(Progress(7, 9), lines) == Progress(7, 9)


@given(st.lists(st.from_regex(r"#\d [\[(][1-9]/9\] x", fullmatch=True)), st.integers(0, 20))
def test_progress_is_the_same_in_however_many_parts_a_log_is_read(lines: list[str], cut: int) -> None:
    assert advance(advance(NONE, lines[:cut]), lines[cut:]) == advance(NONE, lines)


def test_the_steps_of_stages_that_run_side_by_side_are_added_up() -> None:
    lines = ["#5 [base 2/9] RUN a", "#6 [other 1/3] RUN b", "#7 [1/4] RUN c", "#8 [other 3/3] RUN d"]

    assert [advance(NONE, lines[:count]) for count in range(5)] == [
        NONE,
        Progress(2, 9),
        Progress(3, 12),
        Progress(4, 16),
        Progress(6, 16),
    ]


def test_a_stage_does_not_go_back_when_another_one_goes_on() -> None:
    progress = advance(NONE, ["#5 [base 7/9] RUN a", "#6 [other 1/3] RUN b", "#5 [base 2/9] RUN c"])

    assert progress == Progress(8, 12)


def test_a_step_beyond_the_last_one_is_none() -> None:
    assert advance(NONE, ["#5 [9/3] RUN a", "#5 [base 2/1] RUN b"]) == NONE


def test_progress_of_unknown_stages_is_kept_when_a_stage_is_told() -> None:
    assert advance(Progress(3, 9), ["#5 [base 1/4] RUN a"]) == Progress(4, 13)


def test_a_log_full_of_stages_does_not_fill_the_memory() -> None:
    progress = advance(NONE, (f"#5 [stage{number} 1/2] RUN a" for number in range(5000)))

    assert progress == Progress(100, 200)
    assert advance(progress, ["#5 [stage7 2/2] RUN a", "#5 [stage4000 2/2] RUN a"]) == Progress(101, 200)


step_lines = st.builds(
    lambda stage, step, steps: f"#7 [{stage}{step}/{steps}] RUN x",
    st.sampled_from(["", "base ", "a-b_c ", "\u00e9 "]),
    st.integers(0, 12),
    st.integers(0, 12),
)
any_lines = st.lists(st.one_of(step_lines, st.sampled_from(["", "#", "#7 0.1 [1/2] x", "# [1/2] x"]), st.text()))
beginnings = st.one_of(
    st.just(NONE),
    st.builds(lambda step, more: Progress(step, step + more), st.integers(0, 9), st.integers(0, 9)),
    any_lines.map(lambda lines: advance(NONE, lines)),
)


@given(beginnings, any_lines)
def test_neither_number_ever_becomes_smaller_whatever_the_log_says(progress: Progress, lines: list[str]) -> None:
    for line in lines:
        following = advance(progress, [line])

        assert following.step >= progress.step
        assert following.steps >= progress.steps
        assert 0 <= following.step <= following.steps
        progress = following


@given(beginnings, any_lines, st.integers(0, 20))
def test_stages_too_are_the_same_in_however_many_parts_a_log_is_read(
    progress: Progress, lines: list[str], cut: int
) -> None:
    once, twice = advance(progress, lines), advance(advance(progress, lines[:cut]), lines[cut:])

    assert (once, once.stages) == (twice, twice.stages)


def test_layers_that_are_pushed_count_as_steps_too() -> None:
    built = advance(Progress(), ["#7 [3/3] RUN true"])

    pushed = advance(
        built, ["Pushing [1/4] 1.0 of 9.0 MB", "Pushing [4/4] 9.0 of 9.0 MB", "Pushing [9/4]", "Pushing it"]
    )

    assert (pushed.step, pushed.steps) == (7, 7)
