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
