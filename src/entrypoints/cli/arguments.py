"""What can be said to the client commands."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import urlsplit

PROGRAM: Final = "repo2docker-service"
DEFAULT_ADDRESS: Final = "http://127.0.0.1:10101/"
ADDRESS_VARIABLE: Final = "REPO2DOCKER_SERVICE_URL"
TOKEN_VARIABLE: Final = "REPO2DOCKER_SERVICE_TOKEN"  # noqa: S105 - the name of a variable, not a token
PASSWORD_VARIABLE: Final = "REPO2DOCKER_SERVICE_GIT_PASSWORD"  # noqa: S105 - likewise
STATES: Final = ("queued", "building", "pushing", "succeeded", "failed", "cancelled")
COMMAND_FIRST: Final = f"Options of a command come after it, as in: {PROGRAM} images --url URL"

_BUILD_ID_HELP: Final = "as builds lists it; its first 6 digits or more are enough when no other begins so"
_EXIT_CODES: Final = """exit codes:
  0 done   1 the build did not succeed   2 bad usage or refused input
  3 service unreachable, or it refused   4 the output cannot be written
  130 interrupted; a build goes on"""


class _Parser(argparse.ArgumentParser):
    """Says which command was meant when one is misspelt."""

    def error(self, message: str) -> NoReturn:
        super().error(message.replace("argument COMMAND: ", ""))


@dataclass(frozen=True, slots=True)
class Command:
    """One client command, as its help shows it."""

    name: str
    summary: str
    examples: Sequence[str]
    add_arguments: Callable[[argparse.ArgumentParser], None]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; bad usage ends the program with code 2 and a sentence."""
    parser = _Parser(prog=PROGRAM, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=argparse.ArgumentParser)
    for command in COMMANDS:
        _add(commands, command)
    if any("\ud800" <= character <= "\udfff" for argument in arguments for character in argument):
        parser.exit(2, "An argument holds bytes that are no text.\n")
    if arguments[0] not in commands.choices:
        parser.exit(2, _no_such_command(arguments[0]))
    options, others = parser.parse_known_args(arguments)
    if others:
        commands.choices[arguments[0]].error(_not_understood(others, commands.choices[arguments[0]]))
    return options


def _not_understood(words: Sequence[str], parser: argparse.ArgumentParser) -> str:
    option = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
    if not option:
        return f"it is not clear what {words[0]!r} means here"
    # Only the option: what stands behind it may be a secret.
    known = [name for action in parser._actions for name in action.option_strings]  # noqa: SLF001 - no other way
    near = difflib.get_close_matches(option, known, n=1)
    return f"there is no option {option}." + (f" Did you mean {near[0]}?" if near else "")


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], command: Command) -> None:
    examples = "\n".join(f"  {PROGRAM} {example}" for example in command.examples)
    parser = commands.add_parser(
        command.name,
        description=f"{command.summary[0].upper()}{command.summary[1:]}.",
        epilog=f"examples:\n{examples}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    _add_common_arguments(parser)


def _no_such_command(word: str) -> str:
    names = [command.name for command in COMMANDS]
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
    return f"There is no command {word!r}. {hint} {PROGRAM} --help says more.\n"


def _add_common_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the service")
    group.add_argument(
        "--url",
        type=_address,
        default=os.environ.get(ADDRESS_VARIABLE) or DEFAULT_ADDRESS,
        help=f"its address; else {ADDRESS_VARIABLE}, else {DEFAULT_ADDRESS}",
    )
    group.add_argument(
        "--token",
        type=_token,
        default=os.environ.get(TOKEN_VARIABLE, ""),
        help=f"who is asking; else {TOKEN_VARIABLE}, which others on this machine cannot see",
    )
    group.add_argument("--json", action="store_true", help="print JSON, one object per line")


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number up to 65535
    except ValueError:
        raise argparse.ArgumentTypeError("this address cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"give the address of the service, such as {DEFAULT_ADDRESS}")
    if "@" in parts.netloc:
        raise argparse.ArgumentTypeError("the address holds a user name or password; use --token")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def _token(text: str) -> str:
    token = text.strip()
    # Such a header would be refused later, by a message that shows it.
    if not all("!" <= character <= "~" for character in token):
        raise argparse.ArgumentTypeError("this holds characters that no token has")
    return token


def _build_argument(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError("write it as NAME=VALUE")
    return name, value


def _for_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="URL", help="address of a git repository")
    parser.add_argument("--ref", help="branch, tag or full commit; else the default branch")
    parser.add_argument("--subdir", metavar="FOLDER", help="build this folder of the repository")
    parser.add_argument("--owner", help="user:NAME, service:NAME or group:NAME whose build it is; else yours")
    parser.add_argument("--title", help="what lists call the environment")
    parser.add_argument("--description", help="a sentence on the environment, for those who choose one")
    parser.add_argument("--force", action="store_true", help="build again even if the image exists")
    parser.add_argument(
        "--build-arg",
        dest="build_args",
        metavar="NAME=VALUE",
        type=_build_argument,
        action="append",
        default=[],
        help="value of an ARG of the repository's Dockerfile; may be given several times",
    )
    private = parser.add_argument_group("a private repository")
    private.add_argument("--username", metavar="NAME", help="who opens it; a token needs no name")
    private.add_argument(
        "--password-file",
        metavar="FILE",
        help=f"file with the password or token, - for standard input; else {PASSWORD_VARIABLE}",
    )
    parser.add_argument(
        "--no-follow", dest="follow", action="store_false", help="do not wait: print the build's id, only that, and end"
    )


def _for_images(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--q", metavar="WORDS", help="words that name, address, ref or title all contain")
    parser.add_argument("--owner", help="only those of user:NAME, service:NAME or group:NAME")


def _for_builds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=STATES, help="only those in this state")
    parser.add_argument("--owner", help="only those of user:NAME, service:NAME or group:NAME")


def _for_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("build", metavar="BUILD_ID", help=_BUILD_ID_HELP)
    parser.add_argument(
        "--follow", action="store_true", help="wait for more until the build ends; end with its outcome"
    )


def _for_cancel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("build", metavar="BUILD_ID", help=_BUILD_ID_HELP)


def _for_delete(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "image", nargs="?", metavar="IMAGE", help="full name or id, as images lists them; 6 digits of an id may do"
    )
    what.add_argument(
        "--owner",
        help="all builds and images of user:NAME, service:NAME or group:NAME, running builds too; for administrators",
    )
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
    parser.add_argument("--siblings", action="store_true", help="also delete other names of the same image")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be deleted")
    parser.add_argument("--protected", action="store_true", help="of an owner, also delete what the catalog protects")


def _for_cleanup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only list what would be removed")


def _for_rebuild(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--outdated", action="store_true", required=True, help="all that would be built otherwise now")
    parser.add_argument("--dry-run", action="store_true", help="only list them, and those that are skipped, with why")
    parser.add_argument(
        "--follow", action="store_true", help="go on until none waits; end with how it went. May be stopped at any time"
    )
    parser.add_argument("--retry-failed", action="store_true", help="also those for which it has failed before")


def _with_none(_: argparse.ArgumentParser) -> None:
    pass


COMMANDS: Final = (
    Command(
        "build",
        "build an image from a git repository, show the log, end with the outcome",
        (
            "build https://github.com/binder-examples/requirements",
            "build https://github.com/binder-examples/requirements --ref master --json | tail -n 1",
        ),
        _for_build,
    ),
    Command("images", "list images", ("images --q requirements", "images --json"), _for_images),
    Command("builds", "list builds, newest first", ("builds --state failed",), _for_builds),
    Command(
        "log",
        "print the log of a build",
        ("log 0123456789abcdef0123456789abcdef --follow",),
        _for_log,
    ),
    Command("cancel", "cancel a build; its log stays", ("cancel 0123456789abcdef0123456789abcdef",), _for_cancel),
    Command(
        "delete",
        "delete an image, or all that an owner has",
        ("delete 0123456789abcdef01234567 --yes", "delete --owner user:ada --dry-run"),
        _for_delete,
    ),
    Command(
        "cleanup",
        "remove old builds, their logs and spare local copies of images, for administrators",
        ("cleanup --dry-run",),
        _for_cleanup,
    ),
    Command(
        "rebuild",
        "build outdated images again, a few at a time, for administrators",
        ("rebuild --outdated --dry-run", "rebuild --outdated --follow"),
        _for_rebuild,
    ),
    Command("summary", "show how the whole service is, for administrators", ("summary",), _with_none),
    Command("info", "show what the service is and what it can do", ("info",), _with_none),
)
"""All client commands."""
