"""Which lines of a log tell of which mistake.

Patterns are plain text in small letters. A star stands for anything; where none stands, the line begins or ends. They
are no regular expressions: a repository chooses what its builds print, and no line may be able to make the search slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from repo2docker_service.domain.causes import CauseKind

Table = Sequence[tuple[CauseKind, Sequence[str]]]

# BuildKit and repo2docker speak outside of any step: what a step prints is not looked for here.
TOOL: Final[Table] = (
    (CauseKind.DISK_FULL, ("*no space left on device",)),
    (CauseKind.OUT_OF_MEMORY, ("*exit code: 137",)),
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
"""What the tools say. Of the patterns of one kind those in front are the better lines to show."""

CODES: Final[Table] = (
    (CauseKind.COMMAND_NOT_FOUND, ("*exit code: 127",)),
    (CauseKind.NOT_PERMITTED, ("*exit code: 126",)),
)
"""What the end of a step says, where nothing in the step says more."""

# The order of the kinds is that of what lies behind: without a network no package is found.
STEP: Final[Table] = (
    (
        CauseKind.DISK_FULL,
        ("*no space left on device*", "*you don't have enough free space in *", "*disk quota exceeded*"),
    ),
    (
        CauseKind.OUT_OF_MEMORY,
        (
            "killed",
            "*: killed",
            "memoryerror*",
            "*cannot allocate memory*",
            "*std::bad_alloc*",
            "*virtual memory exhausted*",
            "*cannot allocate vector of size *",
            "*javascript heap out of memory*",
            "*killed signal terminated program *",
            "outofmemoryerror()*",
        ),
    ),
    (
        CauseKind.NETWORK,
        (
            "*temporary failure in name resolution*",
            "*name or service not known*",
            "*could not resolve host*",
            "*temporary failure resolving *",
            "*network is unreachable*",
            "*connection refused*",
            "*connection reset by peer*",
            "*connection timed out*",
            "*read timed out*",
            "*could not connect to *",
            "*failed to connect to *",
            "*bad address '*",
            "*condahttperror: *",
            "*connecttimeouterror*",
            "*ssl: certificate_verify_failed*",
            "*download error * timeout was reached*",
            "*unable to access index for repository *",
            "*cannot open url *",
            "*: no such host*",
            "*i/o timeout*",
            "np* error code enotfound*",
            "np* err! code enotfound*",
            "*the repository * does not have a release file*",
        ),
    ),
    (
        CauseKind.ENVIRONMENT_FILE,
        (
            "error: invalid requirement: *",
            "*invalid requirement: *",
            "*should contain a dictionary. got *",
            "*environmentspecpluginnotdetected*",
            "*environmentfileextensionnotvalid: *",
            "*environmentfileinvalid: *",
            "*specnotfound: *",
            "*invalidmatchspec: *",
            "*invalidversionspec: *",
            "*invalid version spec*",
            "*yaml.*error: *",
            "*yaml-cpp: *",
            "*yaml error *",
            "*mapping values are not allowed here*",
            "*could not find expected ':'*",
            "*while scanning *",
            "*while parsing a block *",
            "*tomldecodeerror: *",
            "*toml parse error *",
        ),
    ),
    (
        CauseKind.LANGUAGE_VERSION,
        (
            "* python * does not exist*",
            "*requires a different python: *",
            "*requires-python *not satisfied*",
            "*no python at *",
        ),
    ),
    (
        CauseKind.PACKAGE_NOT_FOUND,
        (
            "*error: could not find a version that satisfies the requirement *",
            "*error: no matching distribution found for *",
            "*does not exist (perhaps a typo or a missing channel)*",
            "*does not exist (perhaps a typo*",
            "*nothing provides requested *",
            "e: unable to locate package *",
            "e: package * has no installation candidate*",
            "e: version * for * was not found*",
            "e: couldn't find any package by *",
            "*was not found in the package registry*",
            "*is not available for this version of r*",
            "*packages * are not available for this version of r*",
            "* is not available (for r version *",
            "error: dependenc* not available for package *",
            "error in library(*there is no package called *",
            "error in *there is no package called *",
            "error: the following package names could not be resolved:*",
            "*packagesnotfounderror: *",
            "*packagenotfounderror: *",
            "*resolvepackagenotfound:*",
            "npm err* 404 *",
        ),
    ),
    (
        CauseKind.PACKAGES_CONFLICT,
        (
            "*because these package versions have conflicting dependencies*",
            "*error: resolutionimpossible: *",
            "*is not installable because *",
            "*no solution found when resolving dependencies*",
            "*unsatisfiableerror: *",
            "*the following packages are incompatible*",
            "*unsatisfiable requirements detected for package *",
            "e: unable to correct problems, you have held broken packages*",
            "npm err* code eresolve*",
            "*could not solve for environment specs*",
        ),
    ),
    (
        CauseKind.NOT_COMPILED,
        (
            "*fatal error: *: no such file or directory*",
            "*error: command * failed*",
            "*/usr/bin/ld: cannot find *",
            "*error: metadata-generation-failed*",
            "*error: failed building wheel for *",
            "*error: failed to build *",
            "*error: compilation failed for package *",
            "*could not build wheels for *",
            "*cmake error *",
            "configure: error: *",
            "*no acceptable c compiler found*",
            "make: * error *",
        ),
    ),
    (
        CauseKind.COMMAND_NOT_FOUND,
        ("*: command not found", "/bin/sh: *: not found", "sh: *: not found", "*executable file not found in $path*"),
    ),
    (
        CauseKind.NOT_PERMITTED,
        ("*permission denied*", "*operation not permitted*", "*are you root?*", "*error 13: *"),
    ),
    (
        CauseKind.FILE_MISSING,
        (
            "*error: could not open requirements file: *",
            "*environmentfilenotfound: *",
            "*can't open file *",
            "*no such file or directory*",
        ),
    ),
)
"""What programs print in a step."""

FETCH: Final[Table] = (
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
