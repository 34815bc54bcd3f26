"""The commands around one build: start it, read its log, cancel it."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Final

from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.credentials import credentials_of
from repo2docker_service.entrypoints.cli.following import Follower
from repo2docker_service.entrypoints.cli.identifiers import whole_id
from repo2docker_service.entrypoints.cli.output import emit, note, say
from repo2docker_service.entrypoints.cli.problems import ExitCode, SourceUnreachable, Unreachable
from repo2docker_service.entrypoints.cli.reports import ENDS, Report, outcome, report_for
from repo2docker_service.entrypoints.cli.starting import start
from repo2docker_service.entrypoints.cli.terminal import log_line

_OPEN: Final = "A private one is opened with --password-file, and --username where it has one."


def build(client: Client, options: Namespace) -> int:
    """Start a build, or join or reuse one, and show it to its end."""
    answer = _started(client, options)
    if not options.follow and not options.json:
        return _tell_id(answer)
    with report_for(as_json=options.json) as report:
        report.accepted(answer)
        if options.follow or answer["state"] in ENDS:
            return _show(client, answer, report)
    return ExitCode.DONE


def log(client: Client, options: Namespace) -> int:
    """Print a log as it is, or follow it to its end."""
    identifier = whole_id(client, "builds", options.build)
    if options.follow:
        with report_for(as_json=options.json) as report:
            return _show(client, client.get("builds", identifier), report)
    for number, line in enumerate(client.log(identifier), start=1):
        if options.json:
            emit({"event": "log", "first": number, "lines": [line]})
        else:
            sys.stdout.write(f"{log_line(line)}\n")
    return ExitCode.DONE


def cancel(client: Client, options: Namespace) -> int:
    """End a build and keep its log."""
    ended = client.post("builds", whole_id(client, "builds", options.build), "cancel")
    if options.json:
        emit(ended)
    else:
        say(outcome(ended))
    return ExitCode.DONE


def _tell_id(build: Json) -> int:
    if build["state"] in ENDS:
        note(outcome(build))
    else:
        note(f"{build['state']}. Follow it with: repo2docker-service log {build['id']} --follow")
    say(str(build["id"]))
    return ExitCode.DONE


def _started(client: Client, options: Namespace) -> Json:
    request = _request(options)
    try:
        return start(client, request)
    except SourceUnreachable as failure:
        if "credentials" in request or "private" not in str(failure):
            raise
        raise SourceUnreachable(f"{failure} {_OPEN}") from None


def _request(options: Namespace) -> Json:
    wanted = {
        "repo": options.repo,
        "ref": options.ref,
        "subdir": options.subdir,
        "owner": options.owner,
        "title": options.title,
        "description": options.description,
        "force": options.force or None,
        "build_args": dict(options.build_args) or None,
        "credentials": credentials_of(options),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _show(client: Client, answer: Json, report: Report) -> int:
    # An image that existed has no log of its own any more; what was reused has ended long ago.
    ended = answer if answer.get("reused") else _follow(client, answer, report)
    report.ended(ended)
    return ExitCode.DONE if ended["state"] == "succeeded" else ExitCode.BUILD_FAILED


def _follow(client: Client, answer: Json, report: Report) -> Json:
    identifier = str(answer["id"])
    try:
        for event in Follower(client, identifier, report.notice).events():
            report.event(event)
            if event.name == "end":
                return event.data
    except KeyboardInterrupt:
        raise Detached(identifier) from None
    raise Unreachable("The service ended the log without an outcome.")


class Detached(KeyboardInterrupt):
    """Somebody stopped following a build that goes on."""

    def __init__(self, build: str) -> None:
        super().__init__(build)
        self.build = build

    def __str__(self) -> str:
        return (
            f"The build goes on. Follow it with: repo2docker-service log {self.build} --follow\n"
            f"Cancel it with: repo2docker-service cancel {self.build}"
        )
