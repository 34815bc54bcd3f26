"""What went wrong inside a build, as far as its log says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CauseKind(StrEnum):
    """The mistakes and mishaps that are told apart."""

    REPOSITORY_CLOSED = "repository-closed"
    PRIVATE_NETWORK = "private-network"
    UNSUITABLE = "unsuitable"
    OUT_OF_MEMORY = "out-of-memory"
    BUILDER_OUT_OF_MEMORY = "builder-out-of-memory"
    DISK_FULL = "disk-full"
    DOCKERFILE = "dockerfile"
    BASE_IMAGE_MISSING = "base-image-missing"
    FILE_MISSING = "file-missing"
    NETWORK = "network"
    ENVIRONMENT_FILE = "environment-file"
    LANGUAGE_VERSION = "language-version"
    PACKAGES_CONFLICT = "packages-conflict"
    PACKAGE_NOT_FOUND = "package-not-found"
    NOT_COMPILED = "not-compiled"
    COMMAND_NOT_FOUND = "command-not-found"
    NOT_PERMITTED = "not-permitted"
    STEP_FAILED = "step-failed"
    REGISTRY_AWAY = "registry-away"
    REGISTRY_REFUSED = "registry-refused"


@dataclass(frozen=True, slots=True)
class Cause:
    """A mistake, and the line of the log that tells of it."""

    kind: CauseKind
    line: int
    """The line's number, from 1, as in the log."""
    text: str
    """The line, without what a terminal would not show, and cut."""

    @property
    def advice(self) -> str:
        """What a person can do about it."""
        return WHAT_TO_DO[self.kind]


WHAT_TO_DO: Final[Mapping[CauseKind, str]] = {
    CauseKind.REPOSITORY_CLOSED: "The repository, or a submodule of it, is not there or wants a password. Check that"
    " the address opens in a browser. Where that asks to log in, build with a token, if this service takes any;"
    " submodules have to be open to everybody.",
    CauseKind.PRIVATE_NETWORK: "The repository, or a submodule of it, leads into a private network, and may not."
    " Use submodules that are public; where a private network is meant, ask an administrator to allow the address.",
    CauseKind.UNSUITABLE: "repo2docker does not know how to build this repository as it is. The line says why.",
    CauseKind.OUT_OF_MEMORY: "A step needed more memory than there is. Install or compile less at once, or ask an"
    " administrator for more.",
    CauseKind.BUILDER_OUT_OF_MEMORY: "Fetching the repository or reading it needed more memory than that may use; steps"
    " of the build do not count. Take very large files out of the repository, or ask an administrator for more.",
    CauseKind.DISK_FULL: "There was no space left on the disk. Leave out very large files that the build brings or"
    " makes; where there are none, the disk of the engine is full: tell an administrator.",
    CauseKind.DOCKERFILE: "The Dockerfile cannot be read. Mend the line that is named.",
    CauseKind.BASE_IMAGE_MISSING: "The image to begin with cannot be fetched. Check its name and tag after FROM, and"
    " that nobody has to log in for it.",
    CauseKind.FILE_MISSING: "A file that the build wants is not in the repository. Check its name, the folder that is"
    " built, and whether it is committed.",
    CauseKind.NETWORK: "Something could not be fetched over the network. Build again later; if it fails once more,"
    " check the address, or ask an administrator whether builds may reach it.",
    CauseKind.ENVIRONMENT_FILE: "A file that lists what to install cannot be read. Mend its form, as in environment.yml"
    " or requirements.txt.",
    CauseKind.LANGUAGE_VERSION: "That version of Python, R or Julia, or a package for it, is not to be had. Ask for"
    " another one in environment.yml, runtime.txt or Project.toml.",
    CauseKind.PACKAGES_CONFLICT: "The packages do not go together in these versions. Loosen or change the versions that"
    " are asked for.",
    CauseKind.PACKAGE_NOT_FOUND: "A package, or that version of it, is not where it was looked for, or not for this"
    " version of the language. Check its spelling, its version and the channel.",
    CauseKind.NOT_COMPILED: "A package had to be compiled, and that failed. Choose a version that comes ready made, or"
    " add the compiler and libraries to apt.txt.",
    CauseKind.COMMAND_NOT_FOUND: "A step ran a command that is not in the image. Install it in a step before, or check"
    " its spelling.",
    CauseKind.NOT_PERMITTED: "A step may not do what it tried. Most steps run without root's rights: check the file's"
    " mode, such as that of postBuild, and where it writes.",
    CauseKind.REGISTRY_AWAY: "The registry could not be reached, or did not answer well, for as long as it was tried."
    " The image is kept: build again later, and only the storing is repeated.",
    CauseKind.REGISTRY_REFUSED: "The registry does not take the image, and would not take it a second time. The image"
    " is kept: show the line to an administrator, then build again.",
    CauseKind.STEP_FAILED: "A step of the build failed in its own way. The line is the last one that it printed; those"
    " before it in the log may say more.",
}
"""What a person can do about each kind."""
