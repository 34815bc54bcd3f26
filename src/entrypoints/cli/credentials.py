"""What opens a private repository: a password never stands in a command line, where others on the machine see it."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from pathlib import Path

from repo2docker_service.entrypoints.cli.arguments import PASSWORD_VARIABLE
from repo2docker_service.entrypoints.cli.client import Json
from repo2docker_service.entrypoints.cli.problems import CommandFailed


def credentials_of(options: Namespace) -> Json | None:
    """Give the credentials that a command line names, from a file, standard input, a terminal or the environment.

    Raises:
        CommandFailed: there is a name without a password, or the password cannot be read.
    """
    password = _password(options.password_file)
    if password:
        return {"username": options.username or "", "password": password}
    if options.username is None and options.password_file is None:
        return None
    if options.password_file is None:
        raise CommandFailed(f"--username needs a password: give --password-file, or set {PASSWORD_VARIABLE}.")
    raise CommandFailed("The password is empty.")


def _password(file: str | None) -> str:
    if file is None:
        return os.environ.get(PASSWORD_VARIABLE, "")
    if file == "-" and sys.stdin.isatty():
        return getpass.getpass("Password or token of the repository: ")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"The password cannot be read from {file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandFailed(f"The password cannot be read from {file}: it is no text.") from None
    return text.rstrip("\r\n")
