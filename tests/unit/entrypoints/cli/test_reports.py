import pytest
from tests.unit.entrypoints.cli.servers import build_shape

from repo2docker_service.entrypoints.cli.event_stream import Event
from repo2docker_service.entrypoints.cli.reports import TerminalReport, next_step


@pytest.fixture
def report() -> TerminalReport:
    return TerminalReport()


def tell(report: TerminalReport, state: str, step: int, steps: int) -> None:
    report.event(Event("state", data=build_shape(state, progress={"step": step, "steps": steps})))


def test_the_step_that_runs_is_not_counted_as_done_so_the_clock_goes_on(report: TerminalReport) -> None:
    tell(report, "building", 3, 3)

    [task] = report._bar.tasks
    assert (task.completed, task.total, task.fields["steps"]) == (2, 3, "step 3 of 3")
    assert not task.finished


def test_a_build_without_known_steps_shows_none(report: TerminalReport) -> None:
    tell(report, "building", 0, 0)

    [task] = report._bar.tasks
    assert (task.completed, task.total, task.fields["steps"]) == (0, None, "")


@pytest.mark.parametrize(("state", "completed"), [("succeeded", 3), ("failed", 1)])
def test_an_ended_build_keeps_its_last_progress(report: TerminalReport, state: str, completed: int) -> None:
    tell(report, "building", 2, 3)
    tell(report, state, 0, 0)

    [task] = report._bar.tasks
    assert (task.completed, task.total, task.fields["steps"]) == (completed, 3, "step 2 of 3")


def test_advice_on_an_image_promises_no_notebook_server() -> None:
    command, meaning = next_step("localhost/r2d/a:1")

    assert command.endswith("docker run --rm -it -p 8888:8888 localhost/r2d/a:1")
    assert "up to the repository" in meaning
    assert next_step("example.org/a:1") == ("Get it with: docker pull example.org/a:1",)
