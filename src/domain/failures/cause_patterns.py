"""Which lines of a log tell of which mistake.

Patterns are plain text in small letters. A star stands for anything; where none stands, the line begins or ends. They
are no regular expressions: a repository chooses what its builds print, and no line may be able to make the search slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from repo2docker_service.domain.failures.causes import CauseKind

Table = Sequence[tuple[CauseKind, Sequence[str]]]

# BuildKit and repo2docker speak outside of any step: what a step prints is not looked for here.
TOOL: Final[Table] = (
    (CauseKind.DISK_FULL, ("*no space left on device", "*errno 28] no space left on device*")),
    (CauseKind.OUT_OF_MEMORY, ("*exit code: 137",)),
    (CauseKind.BUILDER_OUT_OF_MEMORY, ("the build was killed because it used more memory than it may.",)),
    (
        CauseKind.DOCKERFILE,
        (
            "*dockerfile parse error*",
            "*failed to process *: unexpected *",
            "*unknown instruction: *",
            "*no build stage in current context*",
            "*base name (*) should not be blank*",
            "*failed to parse stage name *",
            "*invalid reference format*",
            "*requires at least * argument*",
            "*file with no instructions*",
        ),
    ),
    (
        CauseKind.NETWORK,
        (
            "*: no such host*",
            "*dial tcp *",
            "*i/o timeout*",
            "*tls handshake timeout*",
            "*server misbehaving*",
            "*toomanyrequests: *",
            "*failed to do request: *",
            "*unexpected status from * request to *: 5*",
            "*failed with status code [*]: 5*",
        ),
    ),
    (
        CauseKind.BASE_IMAGE_MISSING,
        (
            "*failed to resolve source metadata for *",
            "*failed to create llb definition: *: not found",
            "*pull access denied*",
            "*insufficient_scope: authorization failed*",
            "*manifest unknown*",
            "*no match for platform in manifest*",
        ),
    ),
    (
        CauseKind.FILE_MISSING,
        (
            "*failed to calculate checksum of ref *not found*",
            "*failed to compute cache key*not found*",
            "*failed to read dockerfile: *",
            "subdirectory * does not exist*",
            "*filenotfounderror: *",
        ),
    ),
    (
        CauseKind.ENVIRONMENT_FILE,
        (
            "*should contain a dictionary. got *",
            "*yaml.*error: *",
            "*tomldecodeerror: *",
            "*invalid runtime.txt*",
            "*found invalid package name *",
            "unicodedecodeerror: *",
        ),
    ),
    (
        CauseKind.LANGUAGE_VERSION,
        (
            "*python version * is not supported*",
            "*does not support a python version compatible with *",
            "*runtime.txt version not supported by *",
            "*: r version * is not supported*",
            "r version * is not supported*",
            "*failed to find a matching julia version*",
            "*no snapshot found for *",
            "*use a newer snapshot date*",
        ),
    ),
    (
        CauseKind.UNSUITABLE,
        (
            "no environment specification found*",
            "*directory. however they are exclusive*",
            "*no longer supported*",
            "*buildpack has been removed*",
        ),
    ),
)
"""What the tools say, and this service. Of the patterns of one kind those in front are the better lines to show."""

ENDS: Final[Table] = (
    (CauseKind.DISK_FULL, ("the disk of the engine was full *",)),
    (CauseKind.COMMAND_NOT_FOUND, ("*exit code: 127",)),
    (CauseKind.NOT_PERMITTED, ("*exit code: 126",)),
)
"""What the end of a step or of the build says, where nothing in the step says more."""

FETCH: Final[Table] = (
    (CauseKind.PRIVATE_NETWORK, ("git was kept from *",)),
    (
        CauseKind.REPOSITORY_CLOSED,
        (
            "*could not read username*",
            "*terminal prompts disabled*",
            "*authentication failed for *",
            "*repository * not found*",
            "*repository not found*",
            "*does not appear to be a git repository*",
            "*the requested url returned error: 40*",
        ),
    ),
    (
        CauseKind.NETWORK,
        (
            "*could not resolve host*",
            "*failed to connect to *",
            "*could not connect to *",
            "*connection refused*",
            "*connection timed out*",
            "*network is unreachable*",
            "*the requested url returned error: 5*",
            "*early eof*",
            "*ssl *",
        ),
    ),
    (CauseKind.DISK_FULL, ("*no space left on device*",)),
)
"""What git says when a repository cannot be fetched."""

PUSH: Final[Table] = (
    (CauseKind.REGISTRY_REFUSED, ("the registry refused the image: *",)),
    (
        CauseKind.REGISTRY_AWAY,
        (
            "the registry stayed away: *",
            "the push failed: it took longer *",
            "the push failed: the registry has said nothing *",
        ),
    ),
)
"""What is said of an image that did not get to its registry."""
