"""One grammar for each kind of value that people give; anything else is refused with a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.models import BuildRequest, Source

LONGEST_ADDRESS: Final = 2048
LONGEST_NAME: Final = 255
LONGEST_TEXT: Final = 2000
LONGEST_PATH: Final = 1000
LONGEST_PASSWORD: Final = 4096

ANYBODY: Final = "git"
"""The user name for a token; forges that take tokens take any."""

_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII
)
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ARGUMENT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_SERVER_NAME: Final = re.compile(r"(?=.{1,30}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
# Names that change how the build itself runs rather than what is in the image, and those by which programs that steps
# start are made to load or run something else.
_RESERVED_ARGUMENT: Final = re.compile(
    r"PATH|HOME|USER|UID|SHELL|(?:LD|DOCKER|BUILDKIT|BUILDX|GIT|SSL|CONTAINER)_.*|.*_PROXY|BASH_ENV|ENV|IFS|PYTHON.*"
    r"|NB_.*|REPO_DIR|SOURCE_DATE_EPOCH|GCONV_PATH|GLIBC_TUNABLES|NODE_(?:OPTIONS|PATH)|PERL5?(?:LIB|OPT|DB)"
    r"|RUBY(?:LIB|OPT)|(?:_|JDK_)?JAVA_(?:TOOL_)?OPTIONS|R_PROFILE.*",
    re.IGNORECASE | re.ASCII,
)
# git-check-ref-format(1), without the one-level rule: "main" is what people type.
_BAD_IN_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(?:^|/)\.|\.lock(?:/|$)|[./]$|^/|^@$")


def check_request(request: BuildRequest) -> BuildRequest:
    """Give what somebody asks for in normal form.

    Raises:
        InvalidInput: names the field and says what is wrong with it.
    """
    return replace(
        request,
        source=check_source(request.source),
        build_args=check_build_args(request.build_args),
        title=check_text("title", request.title),
        description=check_text("description", request.description),
        credentials=check_credentials(request.credentials),
    )


def check_source(source: Source) -> Source:
    """Give the source with its address, ref and subdirectory in normal form.

    Raises:
        InvalidInput: names the field and says what is wrong with it.
    """
    return Source(check_address(source.address), check_ref(source.ref), check_subdir(source.subdir))


def check_address(text: str) -> str:
    """Accept the ``https://`` or ``http://`` address of a repository; refuse everything that is more than that.

    Raises:
        InvalidInput: it is anything else.
    """
    address = text.strip(" ")
    _refuse_hidden("repo", address, LONGEST_ADDRESS)
    parts = _split(address)
    if parts.scheme.lower() not in ("http", "https"):
        raise InvalidInput("repo", "Give the address of a git repository, beginning with https://.")
    if "@" in parts.netloc:
        raise InvalidInput("repo", "The address must not hold a user name or password.")
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise InvalidInput("repo", "The address must end with the repository's path, without ? or #.")
    if not _HOST.fullmatch(parts.netloc) or parts.path.strip("/") == "" or not _PATH.fullmatch(parts.path):
        raise InvalidInput(
            "repo", "This is not the address of a repository, such as https://github.com/jupyterhub/repo2docker."
        )
    _check_path(parts.path)
    return f"{parts.scheme.lower()}://{_host(parts)}{parts.path.rstrip('/')}"


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for a port that is no number up to 65535
    except ValueError:
        raise InvalidInput("repo", "This address cannot be read: look at its host and its port.") from None
    return parts


def _host(parts: SplitResult) -> str:
    # A port has many forms, as 0443, and rules speak of one.
    host = parts.netloc.lower()
    if parts.port is not None:
        host = host.rpartition(":")[0]
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def _check_path(path: str) -> None:
    decoded = unquote(path)
    # Some servers leave away what follows a semicolon, and then see two dots where the rules see a name.
    if any(segment.partition(";")[0] in (".", "..") for segment in decoded.split("/")) or "//" in path.rstrip("/"):
        raise InvalidInput("repo", "The path of the address must not hold '.', '..' or empty parts.")
    if any(segment.startswith("-") for segment in decoded.split("/")):
        raise InvalidInput("repo", "No part of the address may begin with '-'.")
    if "%" in decoded or "\\" in decoded:
        # Some servers decode twice, or take one slash for the other: they would see another path than the rules do.
        raise InvalidInput("repo", "The path of the address must not hold an encoded '%' or a backslash.")
    _refuse_hidden("repo", decoded, LONGEST_ADDRESS)


def check_ref(text: str) -> str:
    """Accept a branch, tag or commit by git's own rules; an empty one means the default branch.

    Raises:
        InvalidInput: git could not have a ref of this name, or it is a pattern.
    """
    ref = text.strip(" ") or "HEAD"
    _refuse_hidden("ref", ref, LONGEST_NAME)
    if ref.startswith("-") or _BAD_IN_REF.search(ref):
        raise InvalidInput(
            "ref", "Give the exact name of a branch, a tag or a full commit; patterns are not searched for."
        )
    return ref


def check_subdir(text: str) -> str:
    """Accept a relative path inside the repository, without ``..``.

    Raises:
        InvalidInput: it could lead outside the repository, or holds hidden characters.
    """
    _refuse_hidden("subdir", text, LONGEST_NAME)
    segments = [segment for segment in text.split("/") if segment not in ("", ".")]
    if text.startswith("/") or "\\" in text:
        raise InvalidInput("subdir", "Give a folder relative to the top of the repository, such as docs/examples.")
    if "".join(segments[:1]).startswith(("-", "~")):
        raise InvalidInput("subdir", "The folder must not begin with '-' or '~'.")
    if ".." in segments:
        raise InvalidInput("subdir", "The folder must lie inside the repository: '..' is not allowed.")
    return "/".join(segments)


def check_build_args(build_args: Mapping[str, str]) -> Mapping[str, str]:
    """Accept values for a Dockerfile's own ``ARG`` lines.

    Raises:
        InvalidInput: a name is not one, or would change how the build runs.
    """
    if len(build_args) > 50:
        raise InvalidInput("build_args", "At most 50 build arguments can be given.")
    for name, value in build_args.items():
        if not _ARGUMENT_NAME.fullmatch(name):
            raise InvalidInput("build_args", "A build argument's name is made of letters, digits and '_'.")
        if _RESERVED_ARGUMENT.fullmatch(name):
            sentence = f"{name} cannot be a build argument: it changes how programs run. Choose another name."
            raise InvalidInput("build_args", sentence)
        _refuse_hidden("build_args", value, LONGEST_TEXT)
    return build_args


def check_credentials(given: Credentials | None) -> Credentials | None:
    """Accept what git can send as HTTP Basic credentials (RFC 7617); a token needs no name.

    Raises:
        InvalidInput: git could not send it; what was given is not repeated.
    """
    if given is None:
        return None
    _refuse_hidden("credentials", given.username, LONGEST_NAME)
    _refuse_hidden("credentials", given.password, LONGEST_PASSWORD)
    if not given.password:
        raise InvalidInput("credentials", "Give a password, or a token in its place.")
    if ":" in given.username:
        raise InvalidInput("credentials", "A user name here must not hold ':'.")
    return replace(given, username=given.username or ANYBODY)


def check_text(field: str, text: str) -> str:
    """Accept a short text for people, such as a title.

    Raises:
        InvalidInput: it is too long or holds hidden characters.
    """
    _refuse_hidden(field, text.replace("\n", " "), LONGEST_TEXT)
    return text


def check_server_name(text: str) -> str:
    """Accept the name of a server by the rules of JupyterHub 6; an empty one leaves the choice to the service.

    Raises:
        InvalidInput: the hub would not take it.
    """
    if text and not _SERVER_NAME.fullmatch(text):
        raise InvalidInput(
            "server_name",
            "A server's name has 1 to 30 lower case letters, digits and single hyphens, and begins with a letter.",
        )
    return text


def check_open_path(text: str) -> str:
    """Accept what to open when a server is ready: a relative path, or with a slash before it an address of the server.

    Raises:
        InvalidInput: it would lead out of the server, or holds hidden characters.
    """
    _refuse_hidden("path", text, LONGEST_PATH)
    # Only an address has a query or a fragment; in the name of a file what they begin with is a letter like others.
    path = unquote(re.split("[?#]", text)[0] if text.startswith("/") else text)
    segments = path.removeprefix("/").split("/")
    if ".." in segments or "" in segments[:-1] or "\\" in path or "://" in path:
        raise InvalidInput("path", "Give a file or folder of the repository, or an address such as /rstudio.")
    return text


def is_commit(ref: str) -> bool:
    """Whether a ref is a full commit already."""
    return _COMMIT.fullmatch(ref) is not None


def _refuse_hidden(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidInput(field, f"This is longer than {longest} characters.")
    # Cc control, Cf format (bidirectional overrides too), Cs surrogates, Zl and Zp line separators, Co private use.
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co") for character in text):
        raise InvalidInput(field, "This holds characters that cannot be seen.")
