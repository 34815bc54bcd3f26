"""How a build is shown while it runs: to people, or to programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Protocol, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.segment import Segment

from repo2docker_service.entrypoints.cli.event_stream import Event
from repo2docker_service.entrypoints.cli.output import Json, emit, note, say
from repo2docker_service.entrypoints.cli.terminal import log_line, plain

ENDS: Final = ("succeeded", "failed", "cancelled")


class Report(AbstractContextManager["Report"], Protocol):
    """Is told everything about one build in the order in which it happens."""

    def accepted(self, build: Json) -> None:
        """Show the service's answer to what was asked."""

    def event(self, event: Event) -> None:
        """Show an event of the log."""

    def notice(self, sentence: str) -> None:
        """Show that something is the matter with the connection."""

    def ended(self, build: Json) -> None:
        """Show the outcome."""


class JsonReport:
    """Prints each event as a JSON object; the last one is the ended build."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def accepted(self, build: Json) -> None:
        """Print the build."""
        if build["state"] not in ENDS:
            emit({"event": "state", **build})

    def event(self, event: Event) -> None:
        """Print the event."""
        if event.name != "end":
            emit({"event": event.name, **event.data})

    def notice(self, sentence: str) -> None:
        """Print nothing: programs want events only."""

    def ended(self, build: Json) -> None:
        """Print the build."""
        emit({"event": "end", **build})


class TerminalReport:
    """Prints the log to standard output, with a progress bar on standard error when that is a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._with_bar = sys.stderr.isatty() and not self._console.is_dumb_terminal
        self._shares_screen = self._with_bar and sys.stdout.isatty()
        self._state = ""
        self._progress = (0, 0)
        self._bar = _progress_bar(self._console, visible=self._with_bar)
        self._task = self._bar.add_task("", total=None, steps="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def accepted(self, build: Json) -> None:
        """Say which build it is, so that others can follow or cancel it."""
        if build["state"] in ENDS:
            if build["state"] != "succeeded":
                self._beside("This failed a moment ago, and would fail again. Its log follows; --force builds anyway.")
            return
        joined = ", which was already under way" if build.get("joined") else ""
        self._beside(f"build {build['id']}{joined}: {build.get('repo')} at {build.get('commit')}")
        self._show_state(build)

    def event(self, event: Event) -> None:
        """Print lines; move the bar."""
        if event.name == "log":
            self._show_lines(event.data["lines"])
        elif event.name in ("state", "end"):
            self._show_state(event.data)

    def notice(self, sentence: str) -> None:
        """Say it beside the log."""
        self._beside(sentence)

    def ended(self, build: Json) -> None:
        """Print one line with the outcome, then what can be done next."""
        self._bar.stop()
        say(outcome(build))
        for sentence in explanation(build):
            note(sentence)
        if build["state"] == "succeeded":
            for sentence in next_step(str(build["image"])):
                note(sentence)

    def _show_lines(self, lines: Sequence[str]) -> None:
        text = "".join(f"{log_line(line)}\n" for line in lines)
        if self._shares_screen:
            # Through the bar's own console, which lifts the bar, prints and puts it back.
            self._console.print(_Raw(text), end="", soft_wrap=True)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    def _show_state(self, build: Json) -> None:
        state = plain(build["state"])
        position = build.get("queue_position")
        usual = build.get("estimated_seconds")
        words = state + (f", number {position} in the queue" if position else "")
        words += f", usually {duration(usual)}" if usual and state not in ENDS else ""
        self._bar.update(self._task, description=words)
        self._show_progress(state, build.get("progress") or {})
        if words != self._state and not self._with_bar and state not in ENDS:
            note(words)
        self._state = words

    def _show_progress(self, state: str, progress: Json) -> None:
        step, steps = int(progress.get("step") or 0), int(progress.get("steps") or 0)
        if state in ENDS and not steps:
            step, steps = self._progress  # what has ended has no progress any more: the last one stays
        self._progress = step, steps
        # A step that is told has begun. Were it counted as done, the clock would stop during the last one.
        completed = steps if state == "succeeded" else max(step - 1, 0)
        words = f"step {step} of {steps}" if steps else ""
        self._bar.update(self._task, completed=completed, total=steps or None, steps=words)

    def _beside(self, sentence: str) -> None:
        if self._with_bar:
            self._console.print(_Raw(f"{plain(sentence)}\n"), end="", soft_wrap=True)
        else:
            note(sentence)


class _Raw:
    """Text that is printed as it is: its colours are meant, nothing in it is markup."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self._text)


def duration(seconds: float) -> str:
    """Write how long something took, in seconds or minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def outcome(build: Json) -> str:
    """Say in one line how a build ended."""
    if build["state"] == "succeeded":
        already = " (it was there already)" if build.get("reused") else ""
        return f"succeeded: {build['image']}{already}"
    if build["state"] == "failed":
        return f"failed ({build.get('reason') or 'internal'}): {build.get('message') or 'The log says more.'}"
    return f"{build['state']}: {build['id']}"


def explanation(build: Json) -> Sequence[str]:
    """Say what the log tells of a failure, and what to do about it."""
    cause = build.get("cause")
    return (f"line {cause['line']}: {cause['text']}", f"{cause['kind']}: {cause['advice']}") if cause else ()


def next_step(image: str) -> Sequence[str]:
    """Say how to use an image."""
    if image.startswith("localhost/"):  # it lies in the engine's own store
        return (
            f"Try it on the engine's machine: docker run --rm -it -p 8888:8888 {image}",
            "What starts then is up to the repository: mostly a notebook server, with a Dockerfile whatever it says.",
        )
    return (f"Get it with: docker pull {image}",)


def report_for(*, as_json: bool) -> Report:
    """Choose between people and programs."""
    return JsonReport() if as_json else TerminalReport()


def _progress_bar(console: Console, *, visible: bool) -> Progress:
    columns: tuple[Any, ...] = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[steps]}", markup=False),
        TimeElapsedColumn(),
    )
    return Progress(
        *columns,
        console=console,
        transient=True,
        disable=not visible,
        redirect_stdout=False,  # standard output may be a file: it is no business of the bar
        redirect_stderr=False,
    )
