"""The command that shows administrators the whole service at a glance."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Final

from rich.filesize import decimal

from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.output import doubt, emit, show_facts, show_images, show_usage, when
from repo2docker_service.entrypoints.cli.problems import ExitCode
from repo2docker_service.entrypoints.cli.reports import duration

_UNKNOWN: Final = "not known now"


def summary(client: Client, options: Namespace) -> int:
    """Show it."""
    found = client.get("admin", "summary")
    if options.json:
        emit(found)
        return ExitCode.DONE
    show_facts(dict(_facts(found)))
    _show_more(found)
    doubt(found["images"] or {})
    return ExitCode.DONE


def _facts(found: Json) -> Iterator[tuple[str, str]]:
    yield "as of", when(found["as_of"])
    answers = {True: "answers", False: "is away"}
    yield "parts", ", ".join(f"{name} {answers[part['ok']]}" for name, part in found["parts"].items())
    yield from _of_builds(found["builds"])
    yield from _of_images(found["images"])
    disk = found["disk"]
    free = _UNKNOWN if disk["free"] is None else decimal(disk["free"])
    yield "free space", f"{free}; {decimal(disk['reserve'])} are needed to begin a build"
    for number, each in enumerate(found["warnings"], start=1):
        yield f"warning {number}", f"{each['part']}: {each['message']}"


def _of_builds(builds: Json | None) -> Iterator[tuple[str, str]]:
    if builds is None:
        yield "builds", _UNKNOWN
        return
    yield "builds", ", ".join(f"{builds[state]} {state}" for state in ("queued", "building", "pushing"))
    yield "longest wait", duration(builds["longest_wait"])
    yield "ended", _counted(builds["ended"])
    for name, what in (("durations", "builds take"), ("waits", "builds wait")):
        spread = builds[name]
        if spread["count"]:
            yield what, f"{duration(spread['median'])}; nine of ten at most {duration(spread['ninetieth'])}"
    for name, what in (("reasons", "failed for"), ("causes", "logs tell")):
        if builds[name]:
            yield what, _counted(builds[name])


def _of_images(images: Json | None) -> Iterator[tuple[str, str]]:
    if images is None:
        yield "images", _UNKNOWN
        return
    yield "images", f"{images['count']}, {decimal(images['size'])}"
    if images["outdated"] is None:
        yield "outdated", _UNKNOWN
        return
    for reason, count in images["outdated"].items():
        yield f"outdated {count}", reason


def _show_more(found: Json) -> None:
    if found["usage"]:
        print()
        show_usage(found["usage"])
    for what in ("biggest", "oldest"):
        if found["images"] and found["images"][what]:
            print(f"\nThe {what} images:")
            show_images(found["images"][what])


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
